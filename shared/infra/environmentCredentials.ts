/** Stands in for `@aws-sdk/credential-provider-node` in bundles: in Lambda credentials come from the environment alone. */
export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";
