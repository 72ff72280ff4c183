import { uuidOf } from '../uuid';
import { localObjectives, reviewedControls } from './controls';
import { OSCAL_VERSION } from './model';

/** When the plan last changed in what it says; raise it by hand with the mapping. */
const LAST_MODIFIED = '2026-11-25T00:00:00Z';

const SSP = uuidOf('assessment-plan', 'system-security-plan');

/**
 * The static OSCAL 1.2 assessment plan that every assessment-results document imports: which controls runs can show
 * something of, and what is tested for each. The system security plan is the deployment's own, so it is a resource to
 * fill in.
 */
export function assessmentPlan(): object {
  return {
    'assessment-plan': {
      uuid: uuidOf('assessment-plan', LAST_MODIFIED),
      metadata: {
        title: 'Rotation and revocation of machine credentials: plan',
        'last-modified': LAST_MODIFIED,
        version: '1',
        'oscal-version': OSCAL_VERSION,
      },
      'import-ssp': { href: `#${SSP}` },
      'local-definitions': { 'objectives-and-methods': localObjectives() },
      'reviewed-controls': reviewedControls(),
      'back-matter': {
        resources: [
          {
            uuid: SSP,
            title: 'System security plan of the deployment',
            description: 'Not part of Gapless. Put a link to your own system security plan here.',
          },
        ],
      },
    },
  };
}
