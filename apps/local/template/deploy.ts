import type { EngineParts } from '../engine-parts';
import type { Assembly, AssemblyStack } from './assembly';
import { resolve, resolveEach, type Scope } from './intrinsics';
import { PROVIDERS } from './providers';
import { Resource, type Deployed } from './resource';

/** Outputs of every deployed stack. */
export type Outputs = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Deploys one stack: each resource once, what it refers to first. */
class StackDeployment implements Scope {
  readonly #deployed = new Map<string, Deployed>();
  readonly #underway: string[] = [];

  constructor(
    private readonly stack: AssemblyStack,
    private readonly target: EngineParts,
    private readonly exported: Map<string, unknown>,
  ) {}

  deploy(): Record<string, string> {
    const { Resources, Outputs } = this.stack.template;
    for (const logicalId of Object.keys(Resources)) this.#resource(logicalId);
    const outputs: Record<string, string> = {};
    for (const [name, output] of Object.entries(Outputs)) {
      const value = resolve(output.Value, this);
      outputs[name] = String(value);
      if (output.Export) this.exported.set(String(resolve(output.Export.Name, this)), value);
    }
    return outputs;
  }

  ref(name: string): unknown {
    const { account, region } = this.target.place;
    const pseudo: Readonly<Record<string, unknown>> = {
      'AWS::AccountId': account,
      'AWS::Region': region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': this.stack.name,
      'AWS::StackId': `arn:aws:cloudformation:${region}:${account}:stack/${this.stack.name}/local`,
    };
    if (name in pseudo) return pseudo[name];
    const parameter = this.stack.template.Parameters[name];
    if (!parameter) return this.#resource(name).ref;
    if (parameter.Default !== undefined) return parameter.Default;
    return this.#refuse(`parameter ${name} has no default, and gapless local takes no parameters`);
  }

  attribute(logicalId: string, name: string): unknown {
    const { attributes = {} } = this.#resource(logicalId);
    if (name in attributes) return attributes[name];
    const known = Object.keys(attributes).join(', ');
    return this.#refuse(`attribute ${name} of ${logicalId} is not implemented; known are ${known}`);
  }

  importValue(exportName: string): unknown {
    if (this.exported.has(exportName)) return this.exported.get(exportName);
    return this.#refuse(`imports ${exportName}, which no stack deployed before it exports`);
  }

  #resource(logicalId: string): Deployed {
    const known = this.#deployed.get(logicalId);
    if (known) return known;
    const circle = [...this.#underway, logicalId];
    if (this.#underway.includes(logicalId)) this.#refuse(`circular dependency ${circle.join(' → ')}`);
    const deployed = this.#create(logicalId);
    this.#deployed.set(logicalId, deployed);
    return deployed;
  }

  #create(logicalId: string): Deployed {
    const written = this.stack.template.Resources[logicalId];
    if (!written) return this.#refuse(`${logicalId} is referred to, but no resource or parameter`);
    const resource = new Resource(this.stack.name, logicalId, this.target);
    const provider = PROVIDERS[written.Type];
    if (!provider) return resource.refuse(`gapless local does not implement resource type ${written.Type}`);
    this.#underway.push(logicalId);
    for (const needed of [written.DependsOn ?? []].flat()) this.#resource(needed);
    const deployed = provider(resolveEach(written.Properties, this), resource);
    this.#underway.pop();
    return deployed;
  }

  #refuse(why: string): never {
    throw new Error(`${this.stack.name}: ${why}`);
  }
}

/**
 * Deploys every stack of a cloud assembly. Deploying again over a kept data folder keeps tables, objects, secrets and keys.
 * @throws Error naming the stack, the resource and what the engine does not implement
 */
export async function deploy(assembly: Assembly, target: EngineParts): Promise<Outputs> {
  for (const asset of assembly.assets) target.s3.addAsset(asset);
  const exported = new Map<string, unknown>();
  const outputs = new Map<string, Readonly<Record<string, string>>>();
  for (const stack of assembly.stacks) {
    outputs.set(stack.name, new StackDeployment(stack, target, exported).deploy());
  }
  await target.dynamodb.createTables();
  return outputs;
}
