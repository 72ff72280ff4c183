// Written by `npm run generate` from core/evidence/record.ts.
import type { EvidenceRecord } from './record';

type Members = Readonly<Record<string, unknown>>;

function isObject(value: unknown): value is Members {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isText(value: unknown, most: number): boolean {
  return typeof value === 'string' && value.length <= most;
}

// Counting in a pattern takes longer than asking for the length.
function isLike(value: unknown, length: number, pattern: RegExp): boolean {
  return typeof value === 'string' && value.length === length && pattern.test(value);
}

/** A time of a day that every month has, in milliseconds; anything else is left to the pattern, which takes longer. */
const plainTime = /^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|1\d|2[0-8])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d\.\d{3}Z$/;

function isTime(value: unknown, pattern: RegExp): boolean {
  return typeof value === 'string' && (plainTime.test(value) || pattern.test(value));
}

function isWhole(value: unknown, least: number, most: number): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= least && value <= most;
}

function isList(value: unknown, each: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(each);
}

const pattern0 = new RegExp('^[0-9a-f]*$');
const pattern1 = new RegExp(
  '^(?:(?:\\d\\d[2468][048]|\\d\\d[13579][26]|\\d\\d0[48]|[02468][048]00|[13579][26]00)-02-29|\\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\\d|30)|(?:02)-(?:0[1-9]|1\\d|2[0-8])))T(?:(?:[01]\\d|2[0-3]):[0-5]\\d:[0-5]\\d(?:\\.\\d+)?(?:Z))$',
);

function isShape0(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape1(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['functionName'], 512) &&
    isText(value['version'], 512) &&
    isText(value['bundle'], 512)
  );
}

function isShape2(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['id'], 512) &&
    isList(value['aliases'], (item) => isText(item, 512)) &&
    isText(value['kind'], 512) &&
    isText(value['strategy'], 512) &&
    isText(value['owner'], 512) &&
    (isText(value['team'], 512) || value['team'] === null) &&
    (isText(value['environment'], 512) || value['environment'] === null) &&
    (isText(value['platform'], 512) || value['platform'] === null) &&
    (isText(value['site'], 512) || value['site'] === null)
  );
}

function isShape3(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['id'], 512) &&
    isText(value['revision'], 512) &&
    isText(value['sha256'], 512)
  );
}

function isShape4(value: unknown): boolean {
  return isObject(value) && isText(value['key'], 512) && isText(value['sha256'], 512);
}

function isShape5(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['by'] === 'owner' ||
      value['by'] === 'tag' ||
      value['by'] === 'kind' ||
      value['by'] === 'ids' ||
      value['by'] === 'incident') &&
    isText(value['value'], 512) &&
    isWhole(value['count'], 0, 9007199254740991) &&
    isShape4(value['list']) &&
    (value['approval'] === 'required' || value['approval'] === 'never')
  );
}

function isShape6(value: unknown): boolean {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    isText(value['ledgerId'], 512) &&
    isText(value['runId'], 512) &&
    (value['chain'] === 'RUN' || value['chain'] === 'PROOF') &&
    isWhole(value['seq'], 0, 9007199254740991) &&
    isLike(value['prev'], 64, pattern0) &&
    isWhole(value['fence'], 0, 9007199254740991) &&
    isText(value['stage'], 512) &&
    isText(value['token'], 512) &&
    isShape0(value['actor']) &&
    isList(value['controls'], (item) => isText(item, 512)) &&
    isShape1(value['code']) &&
    isTime(value['at'], pattern1) &&
    value['type'] === 'RunOpened' &&
    (value['kind'] === 'rotation' ||
      value['kind'] === 'revocation' ||
      value['kind'] === 'settle' ||
      value['kind'] === 'approval' ||
      value['kind'] === 'breach' ||
      value['kind'] === 'review' ||
      value['kind'] === 'recheck' ||
      value['kind'] === 'bulk' ||
      value['kind'] === 'confirmation') &&
    isShape2(value['identity']) &&
    isText(value['trigger'], 512) &&
    (isText(value['reason'], 1024) || value['reason'] === null) &&
    (isTime(value['slot'], pattern1) || value['slot'] === null) &&
    isWhole(value['attempt'], 0, 9007199254740991) &&
    isTime(value['requestedAt'], pattern1) &&
    (isTime(value['dueAt'], pattern1) || value['dueAt'] === null) &&
    (isTime(value['deadline'], pattern1) || value['deadline'] === null) &&
    isShape3(value['policy']) &&
    isList(value['stages'], (item) => isText(item, 512)) &&
    (isWhole(value['concurrentRuns'], 0, 9007199254740991) || value['concurrentRuns'] === null) &&
    (isText(value['about'], 512) || value['about'] === null) &&
    (!('selection' in value) || isShape5(value['selection']))
  );
}

function isShape7(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape8(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['functionName'], 512) &&
    isText(value['version'], 512) &&
    isText(value['bundle'], 512)
  );
}

function isShape9(value: unknown): boolean {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    isText(value['ledgerId'], 512) &&
    isText(value['runId'], 512) &&
    (value['chain'] === 'RUN' || value['chain'] === 'PROOF') &&
    isWhole(value['seq'], 0, 9007199254740991) &&
    isLike(value['prev'], 64, pattern0) &&
    isWhole(value['fence'], 0, 9007199254740991) &&
    isText(value['stage'], 512) &&
    isText(value['token'], 512) &&
    isShape7(value['actor']) &&
    isList(value['controls'], (item) => isText(item, 512)) &&
    isShape8(value['code']) &&
    isTime(value['at'], pattern1) &&
    value['type'] === 'ChangeIntended' &&
    isText(value['change'], 512) &&
    (isText(value['versionId'], 512) || value['versionId'] === null) &&
    (isText(value['supersededId'], 512) || value['supersededId'] === null)
  );
}

function isShape10(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape11(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['functionName'], 512) &&
    isText(value['version'], 512) &&
    isText(value['bundle'], 512)
  );
}

function isShape12(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['versionId'], 512) &&
    (isWhole(value['before'], 0, 9007199254740991) || value['before'] === null) &&
    (isWhole(value['after'], 0, 9007199254740991) || value['after'] === null) &&
    isText(value['countedBy'], 512) &&
    (value['method'] === 'counted' ||
      value['method'] === 'none' ||
      value['method'] === 'bounded' ||
      value['method'] === 'unknown')
  );
}

function isShape13(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['consumer'], 512) &&
    isText(value['observer'], 512) &&
    (isText(value['versionId'], 512) || value['versionId'] === null) &&
    (value['state'] === 'onNew' ||
      value['state'] === 'onOld' ||
      value['state'] === 'withoutAccess' ||
      value['state'] === 'unknown') &&
    (isWhole(value['failedCalls'], 0, 9007199254740991) || value['failedCalls'] === null) &&
    (isText(value['cause'], 1024) || value['cause'] === null)
  );
}

function isShape14(value: unknown): boolean {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    isText(value['ledgerId'], 512) &&
    isText(value['runId'], 512) &&
    (value['chain'] === 'RUN' || value['chain'] === 'PROOF') &&
    isWhole(value['seq'], 0, 9007199254740991) &&
    isLike(value['prev'], 64, pattern0) &&
    isWhole(value['fence'], 0, 9007199254740991) &&
    isText(value['stage'], 512) &&
    isText(value['token'], 512) &&
    isShape10(value['actor']) &&
    isList(value['controls'], (item) => isText(item, 512)) &&
    isShape11(value['code']) &&
    isTime(value['at'], pattern1) &&
    value['type'] === 'ChangeMade' &&
    (value['effect'] === 'applied' ||
      value['effect'] === 'alreadySo' ||
      value['effect'] === 'notApplicable' ||
      value['effect'] === 'deferred' ||
      value['effect'] === 'recovered' ||
      value['effect'] === 'none' ||
      value['effect'] === 'unknown') &&
    (isText(value['versionId'], 512) || value['versionId'] === null) &&
    (isText(value['remoteId'], 512) || value['remoteId'] === null) &&
    (isText(value['supersededId'], 512) || value['supersededId'] === null) &&
    (isText(value['requestId'], 512) || value['requestId'] === null) &&
    (isText(value['cut'], 512) || value['cut'] === null) &&
    (isText(value['fingerprint'], 512) || value['fingerprint'] === null) &&
    (isShape12(value['sessions']) || value['sessions'] === null) &&
    isList(value['consumers'], (item) => isShape13(item)) &&
    (isText(value['detail'], 1024) || value['detail'] === null)
  );
}

function isShape15(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape16(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['functionName'], 512) &&
    isText(value['version'], 512) &&
    isText(value['bundle'], 512)
  );
}

function isShape17(value: unknown): boolean {
  return isObject(value) && value['state'] === 'accepted';
}

function isShape18(value: unknown): boolean {
  return isObject(value) && value['state'] === 'refused' && isText(value['signal'], 512);
}

function isShape19(value: unknown): boolean {
  return isObject(value) && value['state'] === 'inconclusive' && isText(value['cause'], 1024);
}

function isShape20(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['path'], 512) &&
    (value['operation'] === 'old' ||
      value['operation'] === 'new' ||
      value['operation'] === 'control' ||
      value['operation'] === 'random') &&
    (isText(value['versionId'], 512) || value['versionId'] === null) &&
    (isShape17(value['verdict']) || isShape18(value['verdict']) || isShape19(value['verdict'])) &&
    isText(value['rawCode'], 512) &&
    Number.isFinite(value['latencyMs']) &&
    isWhole(value['attempts'], 0, 9007199254740991) &&
    isTime(value['firstAt'], pattern1) &&
    isTime(value['lastAt'], pattern1)
  );
}

function isShape21(value: unknown): boolean {
  return (
    isObject(value) &&
    isWhole(value['refusals'], 0, 9007199254740991) &&
    Number.isFinite(value['windowMs']) &&
    isList(value['paths'], (item) => isText(item, 512))
  );
}

function isShape22(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['versionId'], 512) &&
    (isWhole(value['before'], 0, 9007199254740991) || value['before'] === null) &&
    (isWhole(value['after'], 0, 9007199254740991) || value['after'] === null) &&
    isText(value['countedBy'], 512) &&
    (value['method'] === 'counted' ||
      value['method'] === 'none' ||
      value['method'] === 'bounded' ||
      value['method'] === 'unknown')
  );
}

function isShape23(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['consumer'], 512) &&
    isText(value['observer'], 512) &&
    (isText(value['versionId'], 512) || value['versionId'] === null) &&
    (value['state'] === 'onNew' ||
      value['state'] === 'onOld' ||
      value['state'] === 'withoutAccess' ||
      value['state'] === 'unknown') &&
    (isWhole(value['failedCalls'], 0, 9007199254740991) || value['failedCalls'] === null) &&
    (isText(value['cause'], 1024) || value['cause'] === null)
  );
}

function isShape24(value: unknown): boolean {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    isText(value['ledgerId'], 512) &&
    isText(value['runId'], 512) &&
    (value['chain'] === 'RUN' || value['chain'] === 'PROOF') &&
    isWhole(value['seq'], 0, 9007199254740991) &&
    isLike(value['prev'], 64, pattern0) &&
    isWhole(value['fence'], 0, 9007199254740991) &&
    isText(value['stage'], 512) &&
    isText(value['token'], 512) &&
    isShape15(value['actor']) &&
    isList(value['controls'], (item) => isText(item, 512)) &&
    isShape16(value['code']) &&
    isTime(value['at'], pattern1) &&
    value['type'] === 'Judged' &&
    (isText(value['versionId'], 512) || value['versionId'] === null) &&
    (value['finding'] === 'proven' ||
      value['finding'] === 'disproven' ||
      value['finding'] === 'inconclusive') &&
    (value['claim'] === 'accepted' || value['claim'] === 'refused' || value['claim'] === 'contained') &&
    (isText(value['cause'], 1024) || value['cause'] === null) &&
    isList(value['observed'], (item) => isShape20(item)) &&
    isShape21(value['rule']) &&
    (isTime(value['lastAcceptedAt'], pattern1) || value['lastAcceptedAt'] === null) &&
    (isTime(value['firstStableRefusalAt'], pattern1) || value['firstStableRefusalAt'] === null) &&
    (isShape22(value['sessions']) || value['sessions'] === null) &&
    (isTime(value['sessionsZeroAt'], pattern1) || value['sessionsZeroAt'] === null) &&
    isList(value['consumers'], (item) => isShape23(item))
  );
}

function isShape25(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape26(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['functionName'], 512) &&
    isText(value['version'], 512) &&
    isText(value['bundle'], 512)
  );
}

function isShape27(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape28(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape29(value: unknown): boolean {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    isText(value['ledgerId'], 512) &&
    isText(value['runId'], 512) &&
    (value['chain'] === 'RUN' || value['chain'] === 'PROOF') &&
    isWhole(value['seq'], 0, 9007199254740991) &&
    isLike(value['prev'], 64, pattern0) &&
    isWhole(value['fence'], 0, 9007199254740991) &&
    isText(value['stage'], 512) &&
    isText(value['token'], 512) &&
    isShape25(value['actor']) &&
    isList(value['controls'], (item) => isText(item, 512)) &&
    isShape26(value['code']) &&
    isTime(value['at'], pattern1) &&
    value['type'] === 'ApprovalDecided' &&
    (value['decision'] === 'approved' ||
      value['decision'] === 'denied' ||
      value['decision'] === 'expired' ||
      value['decision'] === 'breakGlass' ||
      value['decision'] === 'refused' ||
      value['decision'] === 'reviewed') &&
    isShape27(value['requester']) &&
    (isShape28(value['approver']) || value['approver'] === null) &&
    isText(value['requestSha256'], 512) &&
    (isText(value['cause'], 1024) || value['cause'] === null)
  );
}

function isShape30(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape31(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['functionName'], 512) &&
    isText(value['version'], 512) &&
    isText(value['bundle'], 512)
  );
}

function isShape32(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape33(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape34(value: unknown): boolean {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    isText(value['ledgerId'], 512) &&
    isText(value['runId'], 512) &&
    (value['chain'] === 'RUN' || value['chain'] === 'PROOF') &&
    isWhole(value['seq'], 0, 9007199254740991) &&
    isLike(value['prev'], 64, pattern0) &&
    isWhole(value['fence'], 0, 9007199254740991) &&
    isText(value['stage'], 512) &&
    isText(value['token'], 512) &&
    isShape30(value['actor']) &&
    isList(value['controls'], (item) => isText(item, 512)) &&
    isShape31(value['code']) &&
    isTime(value['at'], pattern1) &&
    value['type'] === 'RequesterConfirmed' &&
    isShape32(value['requester']) &&
    isText(value['principalArn'], 512) &&
    isShape33(value['claimed']) &&
    isText(value['executionArn'], 512) &&
    isText(value['eventId'], 512) &&
    isTime(value['eventTime'], pattern1) &&
    (isText(value['inputSha256'], 512) || value['inputSha256'] === null)
  );
}

function isShape35(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape36(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['functionName'], 512) &&
    isText(value['version'], 512) &&
    isText(value['bundle'], 512)
  );
}

function isShape37(value: unknown): boolean {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    isText(value['ledgerId'], 512) &&
    isText(value['runId'], 512) &&
    (value['chain'] === 'RUN' || value['chain'] === 'PROOF') &&
    isWhole(value['seq'], 0, 9007199254740991) &&
    isLike(value['prev'], 64, pattern0) &&
    isWhole(value['fence'], 0, 9007199254740991) &&
    isText(value['stage'], 512) &&
    isText(value['token'], 512) &&
    isShape35(value['actor']) &&
    isList(value['controls'], (item) => isText(item, 512)) &&
    isShape36(value['code']) &&
    isTime(value['at'], pattern1) &&
    value['type'] === 'Breached' &&
    isText(value['obligation'], 512) &&
    isTime(value['deadline'], pattern1)
  );
}

function isShape38(value: unknown): boolean {
  return (
    isObject(value) &&
    (value['type'] === 'schedule' ||
      value['type'] === 'person' ||
      value['type'] === 'settle' ||
      value['type'] === 'breakGlass') &&
    isText(value['id'], 512) &&
    (value['assurance'] === 'verified' || value['assurance'] === 'claimed' || value['assurance'] === 'none')
  );
}

function isShape39(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['functionName'], 512) &&
    isText(value['version'], 512) &&
    isText(value['bundle'], 512)
  );
}

function isShape40(value: unknown): boolean {
  return (
    isObject(value) &&
    isText(value['versionId'], 512) &&
    (value['level'] === 'L0' ||
      value['level'] === 'L1' ||
      value['level'] === 'L2' ||
      value['level'] === 'L3' ||
      value['level'] === 'L4') &&
    (value['probeable'] === 'yes' || value['probeable'] === 'unprobeable')
  );
}

function isShape41(value: unknown): boolean {
  return isObject(value) && isText(value['stage'], 512) && isText(value['why'], 1024);
}

function isShape42(value: unknown): boolean {
  return isObject(value) && isText(value['key'], 512) && isText(value['sha256'], 512);
}

function isShape43(value: unknown): boolean {
  return (
    isObject(value) &&
    isWhole(value['asked'], 0, 9007199254740991) &&
    isWhole(value['done'], 0, 9007199254740991) &&
    isWhole(value['failed'], 0, 9007199254740991) &&
    isWhole(value['skipped'], 0, 9007199254740991) &&
    isWhole(value['unknown'], 0, 9007199254740991) &&
    (value['level'] === 'L0' ||
      value['level'] === 'L1' ||
      value['level'] === 'L2' ||
      value['level'] === 'L3' ||
      value['level'] === 'L4') &&
    isShape42(value['list'])
  );
}

function isShape44(value: unknown): boolean {
  return (
    isObject(value) && value['code'] === 'EVIDENCE_DEGRADED' && isWhole(value['spilled'], 0, 9007199254740991)
  );
}

function isShape45(value: unknown): boolean {
  return isObject(value) && isWhole(value['seq'], 0, 9007199254740991) && isText(value['hash'], 512);
}

function isShape46(value: unknown): boolean {
  return (
    isObject(value) &&
    value['v'] === 1 &&
    isText(value['ledgerId'], 512) &&
    isText(value['runId'], 512) &&
    (value['chain'] === 'RUN' || value['chain'] === 'PROOF') &&
    isWhole(value['seq'], 0, 9007199254740991) &&
    isLike(value['prev'], 64, pattern0) &&
    isWhole(value['fence'], 0, 9007199254740991) &&
    isText(value['stage'], 512) &&
    isText(value['token'], 512) &&
    isShape38(value['actor']) &&
    isList(value['controls'], (item) => isText(item, 512)) &&
    isShape39(value['code']) &&
    isTime(value['at'], pattern1) &&
    value['type'] === 'RunClosed' &&
    (value['outcome'] === 'verified' ||
      value['outcome'] === 'rolled-back' ||
      value['outcome'] === 'revoke-pending' ||
      value['outcome'] === 'inconclusive' ||
      value['outcome'] === 'refused' ||
      value['outcome'] === 'not-approved' ||
      value['outcome'] === 'fenced' ||
      value['outcome'] === 'aborted' ||
      value['outcome'] === 'recorded') &&
    (value['level'] === 'L0' ||
      value['level'] === 'L1' ||
      value['level'] === 'L2' ||
      value['level'] === 'L3' ||
      value['level'] === 'L4') &&
    isList(value['credentials'], (item) => isShape40(item)) &&
    isList(value['stagesRun'], (item) => isText(item, 512)) &&
    isList(value['skipped'], (item) => isShape41(item)) &&
    (isText(value['causeCode'], 512) || value['causeCode'] === null) &&
    (isText(value['cause'], 1024) || value['cause'] === null) &&
    (Number.isFinite(value['exposureSeconds']) || value['exposureSeconds'] === null) &&
    (Number.isFinite(value['unavailableSeconds']) || value['unavailableSeconds'] === null) &&
    isTime(value['requestedAt'], pattern1) &&
    (isTime(value['containedAt'], pattern1) || value['containedAt'] === null) &&
    (isTime(value['lastAcceptedAt'], pattern1) || value['lastAcceptedAt'] === null) &&
    (isTime(value['firstStableRefusalAt'], pattern1) || value['firstStableRefusalAt'] === null) &&
    (isTime(value['sessionsZeroAt'], pattern1) || value['sessionsZeroAt'] === null) &&
    (value['deadline'] === 'kept' ||
      value['deadline'] === 'broken' ||
      value['deadline'] === 'open' ||
      value['deadline'] === 'none') &&
    (isWhole(value['manualSteps'], 0, 9007199254740991) || value['manualSteps'] === null) &&
    (isWhole(value['consumerFailures'], 0, 9007199254740991) || value['consumerFailures'] === null) &&
    (isWhole(value['throttles'], 0, 9007199254740991) || value['throttles'] === null) &&
    isList(value['owes'], (item) => isText(item, 512)) &&
    (!('census' in value) || isShape43(value['census'])) &&
    (!('degraded' in value) || isShape44(value['degraded'])) &&
    isShape45(value['proofHead'])
  );
}

/** Tells what `evidenceRecord` accepts, and not why it does not accept something. */
export function isRecord(value: unknown): value is EvidenceRecord {
  if (!isObject(value)) return false;
  switch (value['type']) {
    case 'RunOpened':
      return isShape6(value);
    case 'ChangeIntended':
      return isShape9(value);
    case 'ChangeMade':
      return isShape14(value);
    case 'Judged':
      return isShape24(value);
    case 'ApprovalDecided':
      return isShape29(value);
    case 'RequesterConfirmed':
      return isShape34(value);
    case 'Breached':
      return isShape37(value);
    case 'RunClosed':
      return isShape46(value);
    default:
      return false;
  }
}
