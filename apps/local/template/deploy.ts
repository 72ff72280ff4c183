import * as z from 'zod/mini';
import type { EngineParts } from '../engine-parts';
import type { Assembly, AssemblyStack, TemplateResource } from './assembly';
import { resolve, type Scope } from './intrinsics';
import { PROVIDERS } from './providers';
import { Resource, type Deployed } from './resource';

const Properties = z.record(z.string(), z.unknown());

/** Outputs of every deployed stack. */
export type Outputs = ReadonlyMap<string, Readonly<Record<string, string>>>;

/** Deploys one stack: each resource once, what it refers to first. */
class StackDeployment implements Scope {
  readonly #deployed = new Map<string, Promise<Deployed>>();
  readonly #underway: string[] = [];

  constructor(
    private readonly stack: AssemblyStack,
    private readonly target: EngineParts,
    private readonly exported: Map<string, unknown>,
  ) {}

  async deploy(): Promise<Record<string, string>> {
    const { Resources, Outputs } = this.stack.template;
    for (const logicalId of Object.keys(Resources)) await this.#resource(logicalId);
    const outputs: Record<string, string> = {};
    for (const [name, output] of Object.entries(Outputs)) {
      const value = await resolve(output.Value, this);
      outputs[name] = String(value);
      if (output.Export) this.exported.set(String(await resolve(output.Export.Name, this)), value);
    }
    return outputs;
  }

  async ref(name: string): Promise<unknown> {
    const { place } = this.target;
    const pseudo: Readonly<Record<string, unknown>> = {
      'AWS::AccountId': place.account,
      'AWS::Region': place.region,
      'AWS::Partition': 'aws',
      'AWS::URLSuffix': 'amazonaws.com',
      'AWS::StackName': this.stack.name,
      'AWS::StackId': `arn:aws:cloudformation:${place.region}:${place.account}:stack/${this.stack.name}/local`,
    };
    if (name in pseudo) return pseudo[name];
    const parameter = this.stack.template.Parameters[name];
    if (!parameter) return (await this.#resource(name)).ref;
    if (parameter.Default !== undefined) return parameter.Default;
    throw new Error(
      `${this.stack.name}: parameter ${name} has no default, and gapless local takes no parameters`,
    );
  }

  async attribute(logicalId: string, name: string): Promise<unknown> {
    const { attributes = {} } = await this.#resource(logicalId);
    if (name in attributes) return attributes[name];
    throw new Error(
      `${this.stack.name}/${logicalId}: attribute ${name} is not implemented; known are ${Object.keys(attributes).join(', ')}`,
    );
  }

  importValue(exportName: string): unknown {
    if (this.exported.has(exportName)) return this.exported.get(exportName);
    throw new Error(`${this.stack.name} imports ${exportName}, which no stack deployed before it exports`);
  }

  #resource(logicalId: string): Promise<Deployed> {
    if (this.#underway.includes(logicalId)) {
      const circle = [...this.#underway, logicalId].join(' → ');
      throw new Error(`${this.stack.name}: circular dependency ${circle}`);
    }
    const known = this.#deployed.get(logicalId);
    if (known) return known;
    const written = this.stack.template.Resources[logicalId];
    if (!written)
      throw new Error(`${this.stack.name}: ${logicalId} is referred to, but no resource or parameter`);
    const deploying = this.#create(new Resource(this.stack.name, logicalId, this.target), written);
    this.#deployed.set(logicalId, deploying);
    return deploying;
  }

  async #create(resource: Resource, written: TemplateResource): Promise<Deployed> {
    const provider = PROVIDERS[written.Type];
    if (!provider) resource.refuse(`gapless local does not implement resource type ${written.Type}`);
    this.#underway.push(resource.logicalId);
    for (const needed of [written.DependsOn ?? []].flat()) await this.#resource(needed);
    const properties = z.parse(Properties, await resolve(written.Properties, this));
    const deployed = await provider(properties, resource);
    this.#underway.pop();
    return deployed;
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
    outputs.set(stack.name, await new StackDeployment(stack, target, exported).deploy());
  }
  return outputs;
}
