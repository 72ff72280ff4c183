import { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { S3JsonItemReader } from 'aws-cdk-lib/aws-stepfunctions';
import { prefixes } from '../constructs/locked-bucket';

/** Reads the list of a Distributed Map. The stock reader asks for every object of the bucket. */
export class ListReader extends S3JsonItemReader {
  override providePolicyStatements(): PolicyStatement[] {
    const resources = [this.bucket.arnForObjects(`${prefixes.lists}/*`)];
    return [new PolicyStatement({ sid: 'ReadLists', actions: ['s3:GetObject'], resources })];
  }
}
