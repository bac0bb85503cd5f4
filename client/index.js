// placeholder: replaced by the client
export class OrchestratorClient {
  constructor(options) {
    this.options = options;
  }
}
