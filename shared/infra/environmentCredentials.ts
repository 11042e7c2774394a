/** Stands in for `@aws-sdk/credential-provider-node` in bundles: in Lambda credentials come only from the environment. */
export { fromEnv as defaultProvider } from "@aws-sdk/credential-provider-env";
