import path from 'node:path';
import { claimDataFolder } from '../local/data-folder';
import { Exit } from './exit';

/**
 * Takes a project folder for the engine of this process: a second one would take its data away.
 * @returns gives the folder back
 * @throws Exit usage while a process that lives has it
 */
export function takeFolder(folder: string): () => void {
  try {
    return claimDataFolder(path.join(folder, '.gapless'));
  } catch (error) {
    throw new Exit('usage', error instanceof Error ? error.message : String(error));
  }
}
