import { folderOfRun } from './made-once';

/**
 * Names a folder for what test files share: the first that needs the cloud assembly synthesises it there. Checking
 * templates against CloudFormation's rules takes longer than all the rest of a synthesis; the file that is about
 * deployments has it done.
 */
export default function setup(): void {
  process.env['CDK_VALIDATION'] ??= 'false';
  if (process.env['GAPLESS_TEST_ASSEMBLY'] !== undefined) return;
  const folder = folderOfRun();
  process.env['GAPLESS_TEST_ASSEMBLY'] = folder;
  process.env['GAPLESS_TEST_REMOVES'] = folder;
}
