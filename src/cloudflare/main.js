import worker, { OrchestratorWorkflow } from "#worker";

export { OrchestratorWorkflow };
export default worker;
