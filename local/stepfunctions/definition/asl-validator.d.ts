/** The package brings no types. */
declare module "asl-validator" {
  interface AslError {
    "Error code": string;
    Message: string;
    schemaError?: { instancePath: string; schemaPath: string };
  }
  function validate(definition: unknown): { isValid: boolean; errors: AslError[] };
  export = validate;
}
