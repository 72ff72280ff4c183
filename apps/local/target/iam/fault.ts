import type { Answer } from '../../gateway/wire';

const text = (status: number, body: string, headers: Readonly<Record<string, string>> = {}): Answer => ({
  status,
  headers,
  body,
});

const error = (code: string) => `<ErrorResponse><Error><Code>${code}</Code></Error></ErrorResponse>`;

/** Answers that prove nothing, each below a path of its own; `silent` never answers. */
export function fault(name: string): Answer | 'silent' {
  switch (name) {
    case 'throttled':
      return text(400, error('Throttling'));
    case 'down':
      return text(503, error('ServiceUnavailable'));
    case 'odd':
      return text(200, '<html>Welcome to the network. Please sign in.</html>');
    case 'forbidden':
      return text(403, '<html>InvalidClientTokenId is what you are not</html>');
    case 'entities':
      return text(403, `<!DOCTYPE x [<!ENTITY c "InvalidClientTokenId">]>${error('&c;')}`);
    case 'moved':
      return text(302, '', { location: '/fault/forbidden' });
    default:
      return 'silent';
  }
}
