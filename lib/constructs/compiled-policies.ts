import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { Annotations } from 'aws-cdk-lib';
import { Asset } from 'aws-cdk-lib/aws-s3-assets';
import { Construct } from 'constructs';
import type { LoadedPolicies } from '../policies';

/** All policies as one content-addressed S3 object; gaps that an exception lets through become warnings of the synth. */
export class CompiledPolicies extends Construct {
  readonly bucketName: string;
  readonly key: string;
  readonly arn: string;
  readonly revision: string;

  constructor(scope: Construct, id: string, policies: LoadedPolicies, buildDir: string) {
    super(scope, id);
    const file = path.join(buildDir, `policies-${policies.document.revision}.json`);
    fs.writeFileSync(file, JSON.stringify(policies.document));
    const asset = new Asset(this, 'Document', { path: file });
    this.bucketName = asset.s3BucketName;
    this.key = asset.s3ObjectKey;
    this.arn = asset.bucket.arnForObjects(asset.s3ObjectKey);
    this.revision = policies.document.revision;
    for (const warning of policies.warnings) Annotations.of(this).addWarningV2(warningId(warning), warning);
  }
}

// CDK shows one warning per id.
function warningId(warning: string): string {
  return `gapless:designGap:${createHash('sha256').update(warning).digest('hex').slice(0, 8)}`;
}
