import { Rule, RuleTargetInput } from 'aws-cdk-lib/aws-events';
import { SnsTopic } from 'aws-cdk-lib/aws-events-targets';
import { Topic } from 'aws-cdk-lib/aws-sns';
import { Construct } from 'constructs';

/**
 * Sends what needs a person to a topic, in the form a chat shows (Amazon Q Developer in chat applications, "Custom
 * notifications"). Every other event is on the default bus for whoever makes a rule; its source is `gapless`.
 */
export class NoticeTopic extends Construct {
  readonly topic: Topic;

  constructor(scope: Construct, id: string, prefix: string) {
    super(scope, id);
    this.topic = new Topic(this, 'Topic', {
      topicName: `${prefix}-notices`,
      displayName: 'Gapless: somebody has to look or agree',
      enforceSSL: true,
    });
    const message = RuleTargetInput.fromEventPath('$.detail.data.chat');
    new Rule(this, 'NeedsPerson', {
      ruleName: `${prefix}-needs-person`,
      description: 'Sends what needs a person to the topic that chats and pagers subscribe to',
      eventPattern: { source: ['gapless'], detail: { data: { needs: ['person'] } } },
      targets: [new SnsTopic(this.topic, { message })],
    });
  }
}
