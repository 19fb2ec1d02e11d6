/** In whose name the chat is held, as far as a drawer needs to know. */

export const VISITOR = 'visitor';

/** The customer that a merchant's token names. It proves nothing here; it only tells drawers apart. */
function subjectOf(token: string): string | null {
  try {
    const part = (token.split('.')[1] ?? '').replace(/-/g, '+').replace(/_/g, '/');
    const bytes = Uint8Array.from(atob(part), (character) => character.charCodeAt(0));
    const { sub } = JSON.parse(new TextDecoder().decode(bytes)) as { sub?: unknown };
    return typeof sub === 'string' && sub ? sub : null;
  } catch {
    return null;
  }
}

/** Whose conversation this person may go on with. */
export function predecessorOf(person: string): string | null {
  return person.startsWith('customer.') ? VISITOR : null;
}

export function personOf(demoCustomer: string | null, merchantToken: string | null): string {
  const subject = merchantToken === null ? null : subjectOf(merchantToken);
  if (subject) return `customer.${subject}`;
  return demoCustomer ? `demo.${demoCustomer}` : VISITOR;
}
