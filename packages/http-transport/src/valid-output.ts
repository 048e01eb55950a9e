import { ResponseShapeError } from './errors/response-shape-error';
import { describeIssues, outputIssues } from './field-issues';
import type { Parser } from './operation';
import { parseBody } from './parse-body';
import type { HeaderMap } from './redaction';
import { requestIdOf } from './redaction';

export interface RawAnswer {
  readonly status: number;
  readonly headers: HeaderMap;
  readonly body: Buffer;
}

const doubt = 'The server may well have done the work.';

/**
 * A page in place of the service's answer: the login of a proxy says 200 as well, and would pass for "deleted" where nobody looks at the
 * body. Where none is promised, both label and text must speak of a page: a service may answer such a call with whatever it likes.
 */
function isPage(value: unknown, contentType: string | undefined, promised: boolean): boolean {
  if (typeof value !== 'string') return false;
  if (/^\s*(?:text\/html|application\/xhtml\+xml)\b/i.test(contentType ?? '')) return /^\s*</.test(value);
  return promised && /^\s*<(!doctype|html)/i.test(value);
}

/** Parses and validates the body of a 2xx. Names the place of what is wrong, never its value. */
export function validOutput<Out>(
  operation: string,
  output: Parser<Out> | undefined,
  answer: RawAnswer,
  secrets: () => readonly string[],
): Out {
  const { status, headers } = answer;
  const { value, broken } = parseBody(answer.body, headers['content-type']);
  const html = isPage(value, headers['content-type'], output !== undefined);
  const facts = (): { operation: string; status: number; requestId: string | undefined } => ({
    operation,
    status,
    requestId: requestIdOf(headers, secrets()),
  });
  if (broken || html) {
    throw new ResponseShapeError({
      ...facts(),
      message: `${operation}: the server answered ${status}, but its body is ${html ? 'an HTML page' : 'no valid JSON'}. ${doubt}`,
      hint: 'Check the base URL, and whether a proxy or a login page answers in place of the service.',
    });
  }
  // An operation without schema promises nothing about its output.
  if (output === undefined) return value as Out;
  try {
    return output.parse(value);
  } catch (error) {
    const issues = outputIssues(error, secrets());
    throw new ResponseShapeError({
      ...facts(),
      issues,
      message: `${operation}: the server answered ${status}, but not in the expected shape: ${issues.length === 0 ? 'the schema refused it' : describeIssues(issues)}. ${doubt}`,
      hint: 'The server may have another version than this client knows; look for a newer client.',
    });
  }
}
