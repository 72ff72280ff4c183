import type { Engine } from '../local/engine';
import type { Synthesised } from '../local/synth/synthesise';
import type { LocalEngine } from './connection';

/** How other commands reach an engine of this process, from the outputs of its stacks. */
export function deploymentOf(engine: Engine, stackNames: Synthesised['stackNames']): LocalEngine {
  const evidence = engine.outputs(stackNames.evidence);
  const workflow = engine.outputs(stackNames.workflow);
  const { accessKeyId, secretAccessKey, sessionToken } = engine.credentials;
  return {
    pid: process.pid,
    endpoint: engine.endpoint,
    region: engine.region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken !== undefined && { sessionToken }) },
    evidenceTable: output(evidence, 'EvidenceTable'),
    registryTable: output(evidence, 'RegistryTable'),
    rotationMachine: output(workflow, 'RotationMachine'),
    revocationMachine: output(workflow, 'RevocationMachine'),
    bulkMachine: output(workflow, 'BulkRevocationMachine'),
    settleMachine: output(workflow, 'SettleMachine'),
    ledger: {
      id: output(workflow, 'LedgerId'),
      bucket: output(evidence, 'ListsBucket'),
      signingKey: output(evidence, 'SigningKey'),
    },
    urls: {
      requests: output(workflow, 'RequestsUrl'),
      decisions: output(workflow, 'DecisionsUrl'),
      query: output(workflow, 'QueryUrl'),
    },
    roles: {
      requests: output(workflow, 'RequesterRole'),
      decisions: output(workflow, 'ApproverRole'),
      query: output(workflow, 'AuditorRole'),
    },
  };
}

function output(outputs: Readonly<Record<string, string>>, name: string): string {
  const value = outputs[name];
  if (value !== undefined) return value;
  throw new Error(`the stacks have no output ${name}; there are ${Object.keys(outputs).join(', ')}`);
}
