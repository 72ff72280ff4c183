"""Starts the pinned emulator with the answers corrected that lacks.yaml lists as corrected.

Each correction wraps one function of the emulator and follows the AWS documentation that lacks.yaml cites. Where the
emulator has no such function any more, the start fails, and the correction is looked at again.
"""

import json
import re
import threading

from ministack.app import main
from ministack.core import iam_actions, iam_evaluator
from ministack.core.responses import error_response_json, json_response
from ministack.core.router import extract_access_key_id
from ministack.services import iam, lambda_svc, secretsmanager, stepfunctions, tagging
from ministack.services.cloudformation import provisioners


def wrap(module, name, wrapper):
    original = getattr(module, name)
    setattr(module, name, lambda *args, **kwargs: wrapper(original, *args, **kwargs))


def error_name(execute, func, event, request_id):
    """The name that a function's error has, which Retry and Catch match on."""
    answer = execute(func, event, request_id)
    body = answer.get("body")
    if answer.get("error") and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
        first = re.escape(body["errorMessage"].split("\n")[0])
        named = re.search(rf"^([A-Za-z_$][\w$.]*): {first}", answer.get("log", ""), re.MULTILINE)
        if named:
            body["errorType"] = named.group(1)
    return answer


def redrive_count(evaluate, expression, raw_input, ctx=None, *rest, **named):
    """The context object of an execution that was never redriven says so."""
    if isinstance(ctx, dict) and "Execution" in ctx:
        ctx["Execution"].setdefault("RedriveCount", 0)
    return evaluate(expression, raw_input, ctx, *rest, **named)


def map_expressions(run, state, raw_input, effective, iterator, execution, ctx):
    """A Distributed Map's limit, reader, output and variables may be JSONata."""
    if stepfunctions._state_query_language(state, ctx) != "JSONata":
        return run(state, raw_input, effective, iterator, execution, ctx)
    given = {"MaxConcurrency": state.get("MaxConcurrency", 0), "ItemReader": state.get("ItemReader")}
    evaluated = stepfunctions._apply_jsonata_template(given, raw_input, ctx)
    results, following = run({**state, **evaluated}, raw_input, effective, iterator, execution, ctx)
    output = stepfunctions._apply_jsonata_output(state, raw_input, ctx, result=results, default=results)
    stepfunctions._apply_state_assign(state, raw_input, ctx, result=results)
    return output, following


def principal_arn(resolve, key, ctx):
    """For the session of a role, aws:PrincipalArn is the ARN of the role."""
    value = resolve(key, ctx)
    if key.lower() != "aws:principalarn" or ":assumed-role/" not in str(value):
        return value
    name = iam_evaluator._role_name_from_assumed_arn(value)
    role = iam._roles.get_scoped(ctx.principal_account, None, name)
    return role["Arn"] if role else value


def secret_tag(resolve, key, ctx):
    """Secrets Manager has a key of its own for the tags of the secret that a request is about."""
    prefix = "secretsmanager:resourcetag/"
    if not key.lower().startswith(prefix):
        return resolve(key, ctx)
    return (tagging.resource_tags(ctx.resource_arn) or {}).get(key[len(prefix):])


def if_none_match(context, action, query, path="", headers=None):
    """A bucket policy can ask whether an object is only written where there is none."""
    found = context(action, query, path, headers)
    asked = (headers or {}).get("if-none-match")
    return {**found, "s3:if-none-match": asked} if action == "s3:PutObject" and asked else found


def url_caller(build, url_id, account, region, method, path, headers, *rest, **named):
    """The event of a function URL with AWS_IAM says who signed the request."""
    event = build(url_id, account, region, method, path, headers, *rest, **named)
    caller = iam_evaluator.resolve_caller_identity(extract_access_key_id(headers, {}))
    if caller and not named.get("anonymous"):
        known = {key: caller[key] for key in ("accessKey", "accountId", "userArn", "userId", "principalOrgId")}
        event["requestContext"]["authorizer"] = {"iam": {**known, "callerId": caller["userId"], "cognitoIdentity": None}}
    return event


def first_version(create, data):
    """The token of CreateSecret is the id of the first version."""
    answer, token = create(data), data.get("ClientRequestToken")
    _, secret = secretsmanager._resolve(data.get("Name"))
    if answer[0] != 200 or not token or len(secret["Versions"]) != 1:
        return answer
    secret["Versions"] = {token: version for version in secret["Versions"].values()}
    return json_response({"ARN": secret["ARN"], "Name": secret["Name"], "VersionId": token})


def put_once(put, data):
    """The same token with the same text changes nothing, and with other text it is refused."""
    _, secret = secretsmanager._resolve(data.get("SecretId"))
    token = data.get("ClientRequestToken")
    there = (secret or {}).get("Versions", {}).get(token)
    if there is None:
        return put(data)
    if there.get("SecretString") != data.get("SecretString"):
        return error_response_json("ResourceExistsException", "This version has another value.", 400)
    known = {"ARN": secret["ARN"], "Name": secret["Name"]}
    return json_response({**known, "VersionId": token, "VersionStages": there["Stages"]})


def token_machine():
    """Sending a task token is an action on the state machine whose execution waits for it."""
    here, waiting = threading.local(), {}

    def enter(run, state, raw_input, execution, ctx):
        here.machine = ctx["StateMachine"]["Id"]
        return run(state, raw_input, execution, ctx)

    def wait(invoke, resource, arguments, token, state):
        waiting[token] = here.machine
        return invoke(resource, arguments, token, state)

    def resource(find, service, method, path, headers, body, *rest):
        token = json.loads(body or b"{}").get("taskToken") if service == "states" else None
        return waiting.get(token) or find(service, method, path, headers, body, *rest)

    wrap(stepfunctions, "_execute_task", enter)
    wrap(stepfunctions, "_invoke_with_callback", wait)
    wrap(iam_actions, "extract_resource_arn", resource)


def role_boundary(create, logical_id, props, stack_name):
    """The permissions boundary that a template gives to a role is the role's."""
    made = create(logical_id, props, stack_name)
    if props.get("PermissionsBoundary"):
        iam._roles[made[0]]["PermissionsBoundary"] = props["PermissionsBoundary"]
    return made


wrap(lambda_svc, "_execute_function_warm", error_name)
wrap(lambda_svc, "_build_function_url_event", url_caller)
wrap(secretsmanager, "_create_secret", first_version)
wrap(secretsmanager, "_put_secret_value", put_once)
wrap(stepfunctions, "_evaluate_jsonata", redrive_count)
wrap(stepfunctions, "_run_distributed_map", map_expressions)
token_machine()
wrap(iam_evaluator, "_resolve_condition_key", principal_arn)
wrap(iam_evaluator, "_resolve_condition_key", secret_tag)
wrap(iam_actions, "s3_service_context", if_none_match)
roles = provisioners._RESOURCE_HANDLERS["AWS::IAM::Role"]
create_role = roles["create"]
roles["create"] = lambda *args: role_boundary(create_role, *args)

main()
