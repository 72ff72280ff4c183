import type { Finding } from './finding';
import { ofType, text, type SynthesisedApp } from './template';

/** Function URLs that answer without a signature, and functions that everybody may invoke. */
export function openUrls(app: SynthesisedApp): readonly Finding[] {
  const urls = ofType(app, 'AWS::Lambda::Url')
    .filter(({ properties }) => properties['AuthType'] !== 'AWS_IAM')
    .map(({ where, properties }) => ({
      rule: 'open-url',
      where,
      what: text(properties['AuthType'] ?? 'no AuthType'),
    }));
  const permissions = ofType(app, 'AWS::Lambda::Permission')
    .filter(({ properties }) => properties['Principal'] === '*')
    .map(({ where }) => ({ rule: 'public-principal', where, what: '*' }));
  return [...urls, ...permissions];
}
