import { dataVerdict, identityVerdict, sessionState } from '../../connectors/iam-access-key/answers';
import { controlPlane, pathsOf, urlOf } from '../../connectors/iam-access-key/places';
import { targetSchema } from '../../connectors/iam-access-key/target';
import { readXml } from '../../connectors/iam-access-key/xml';

const answer = (status: number, body: string) => ({ status, body, headers: {} });
const error = (code: string) => `<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`;
const denied = (why: string) =>
  answer(
    400,
    JSON.stringify({ __type: 'com.amazon.coral.service#AccessDeniedException', Message: `User x ${why}` }),
  );
const target = (changes: object) => ({ user: 'orders', regions: ['us-east-1', 'eu-west-1'], ...changes });
const parsed = (changes: object) => targetSchema.parse(target(changes));

describe('only these answers end a session', () => {
  it.each([
    ['with an explicit deny in an identity-based policy', 'denied'],
    ['with an explicit deny in a service control policy', 'denied'],
    ['with an explicit deny in a VPC endpoint policy', 'alive'],
    ['with an explicit deny in a resource-based policy', 'alive'],
    ['because no identity-based policy allows the dynamodb:ListTables action', 'alive'],
  ])('AccessDenied %s: %s', (why, state) => {
    expect(sessionState(denied(why))).toBe(state);
    // To a key each of them is acceptance: it was known before it was denied.
    expect(dataVerdict(denied(why))).toEqual({ state: 'accepted' });
  });
});

describe('what proves nothing', () => {
  it.each([
    ['the right words in the wrong status', 400, error('InvalidClientTokenId')],
    ['the right words in another document', 403, '<html><Code>InvalidClientTokenId</Code></html>'],
    ['a disabled region', 403, error('RegionDisabledException')],
    ['an identity that is none', 200, '<GetCallerIdentityResponse><Arn>x</Arn></GetCallerIdentityResponse>'],
  ])('%s, at STS', (_what, status, body) => {
    expect(identityVerdict(answer(status, body)).state).toBe('inconclusive');
  });

  it('a list that is none, at the data service', () => {
    expect(dataVerdict(answer(200, '{"TableNames":"x"}')).state).toBe('inconclusive');
  });
});

describe('XML', () => {
  it('is read by element, entities of the standard decoded and no others', () => {
    const xml = readXml('<?xml version="1.0"?>\n<A><B>a&amp;b&#43;&c;</B><B>2</B></A>', 'A');
    expect([xml?.first('B'), xml?.all('B').length, xml?.first('C')]).toEqual(['a&b+&c;', 2, undefined]);
  });

  it.each([
    ['a document with declarations', '<A><!ENTITY c "x"><B>&c;</B></A>'],
    ['another root', '<X><A></A></X>'],
    ['no markup', 'A'],
  ])('is not read from %s', (_what, text) => {
    expect(readXml(text, 'A')).toBeUndefined();
  });

  it('is read in one pass however it is malformed', () => {
    const text = `<A>${'<B>'.repeat(20_000)}`;
    expect(readXml(text, 'A')?.all('B')).toEqual([]);
  });
});

it('a key is probed at STS and the data service of every region', () => {
  expect(pathsOf(target({})).map(({ id }) => id)).toEqual([
    'sts-eu-west-1',
    'dynamodb-us-east-1',
    'dynamodb-eu-west-1',
  ]);
});

it.each([
  [['eu-west-1', 'eu-west-2'], 'https://iam.amazonaws.com/', 'https://sts.eu-west-1.amazonaws.com/'],
  [
    ['cn-north-1', 'cn-northwest-1'],
    'https://iam.cn-north-1.amazonaws.com.cn/',
    'https://sts.cn-north-1.amazonaws.com.cn/',
  ],
  [
    ['us-gov-west-1', 'us-gov-east-1'],
    'https://iam.us-gov.amazonaws.com/',
    'https://sts.us-gov-west-1.amazonaws.com/',
  ],
])('%s are asked where their partition answers', (regions, iam, sts) => {
  const given = parsed({ regions });
  const [region = ''] = regions;
  expect([urlOf(given, controlPlane(given)).href, urlOf(given, { service: 'sts', region }).href]).toEqual([
    iam,
    sts,
  ]);
});

describe('a policy is refused for', () => {
  it.each([
    ['one region only', { regions: ['us-east-1'] }, /one place proves nothing/],
    ['the same region twice', { regions: ['us-east-1', 'us-east-1'] }, /different regions/],
    ['a user with its path', { user: 'team/orders' }, /without its path/],
    ['paths of its own', { paths: [{ id: 'x', address: 'y:1' }] }, /want none/],
    ['a role that is no ARN', { sessions: { end: 'issueTime', roles: ['reports'] } }, /ARN of a role/],
    ['another way to end sessions', { sessions: { end: 'never' } }, /expiry or issueTime/],
  ])('%s', (_what, changes, says) => {
    expect(targetSchema.safeParse(target(changes)).error?.issues[0]?.message).toMatch(says);
  });
});
