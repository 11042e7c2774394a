/** The name of the child process's local cloud in the integration tests. */
export { ChildCloud as RunningCloud } from "../../local/childCloud";
