/** Amounts come as texts such as "199.00" and are never turned into floats; only their dress changes. */

/** "199.00" → "199", "199.50" → "199.5", "12345.00" → "12,345"; anything else stays as it came. */
export function shortAmount(amount: string): string {
  const match = /^(-?)(\d+)(?:\.(\d+))?$/.exec(amount);
  if (!match) return amount;
  const [, sign = '', whole = '', cents = ''] = match;
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  const rest = cents.replace(/0+$/, '');
  return `${sign}${grouped}${rest ? `.${rest}` : ''}`;
}

/** With the currency sign, unless the text carries a sign or a range of its own. */
export function yuan(amount: string): string {
  if (/^-\d/.test(amount)) return `-¥${shortAmount(amount.slice(1))}`;
  return /^\d/.test(amount) ? `¥${shortAmount(amount)}` : amount;
}

/** Nothing was paid yet. */
export function isZero(amount: string): boolean {
  return /^0(\.0+)?$/.test(amount);
}
