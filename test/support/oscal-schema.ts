import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv from 'ajv';
import addFormats from 'ajv-formats';

/** Checks a document with the official JSON schema (test/support/oscal); answers what is wrong with it. */
export function oscalErrors(
  model: 'assessment-results' | 'assessment-plan',
): (document: unknown) => string[] {
  // The schema is draft-07 and annotates more than strict mode allows.
  const ajv = new Ajv({ strict: false, allErrors: true });
  addFormats(ajv);
  const schema: object = JSON.parse(
    readFileSync(join(__dirname, 'oscal', `oscal_${model}_schema.json`), 'utf8'),
  );
  const validate = ajv.compile(schema);
  return (document) =>
    validate(document)
      ? []
      : (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
