import { descriptors } from '../../../connectors/descriptors.generated';
import { surveyPolicies } from '../../../lib/policies';
import { nativePostgres } from '../../local/target/postgres-native';
import { networksOf } from '../networks';
import { failed, ok, type Check } from './check';

/** Oldest Node that package.json allows. */
const NODE_AT_LEAST = [20, 19] as const;

/** Checks that need no engine. */
export function machineChecks(folder: string, dir: string, today: string): readonly Check[] {
  return [
    { name: 'node', run: async () => node(process.versions.node) },
    { name: 'postgres', run: postgres },
    { name: 'policies', run: async () => policies(folder, dir, today) },
  ];
}

function node(version: string) {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantMajor, wantMinor] = NODE_AT_LEAST;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return ok(`Node ${version}`);
  return failed(
    `Node ${version}, want ${NODE_AT_LEAST.join('.')} or newer. Install it, then run npm ci again.`,
  );
}

async function postgres() {
  const { postgres: binary } = await nativePostgres();
  return ok(`PostgreSQL for npm start is ready: ${binary.split('node_modules/').at(-1) ?? binary}`);
}

function policies(folder: string, dir: string, today: string) {
  const survey = surveyPolicies({ dir, descriptors, networks: networksOf(folder), today });
  const gaps = survey.policies.flatMap((policy) => policy.gaps).filter(({ state }) => state === 'open');
  const wrong = survey.complaints.length + gaps.length;
  if (wrong > 0) return failed(`${wrong} complaints about the policies. See them with: npx gapless plan`);
  return ok(`${survey.policies.length} policies parse, and no design gap is open`);
}
