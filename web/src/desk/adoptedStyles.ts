/**
 * Styles that scripts make, under a policy that allows none inline.
 *
 * Ant Design writes its sheets while the page runs, into `<style>` elements, for which a content security policy would
 * have to name a nonce or allow everything inline. A sheet that is constructed and adopted is made by script alone, by
 * scripts the policy already trusts, and needs neither: who asks for a style element gets a stand-in that adopts what is
 * written into it, in the order in which the stand-ins stand. `style-src 'self'` stays as tight as for every other page.
 */

/** Of another kind than HTML's, so that no browser takes it for a style element, while its name is that of one. */
const KIND = 'urn:sixty:adopted';
const MARK = 'data-adopted';

type Create = (name: string, options?: ElementCreationOptions) => Element;

export function adoptStyles(page: Document = document): void {
  const sheets = new Map<Element, CSSStyleSheet>();
  const create = (page as { createElement: Create }).createElement.bind(page);

  const standIn = (): Element => {
    const element = page.createElementNS(KIND, 'STYLE');
    const sheet = new CSSStyleSheet();
    let written = '';
    element.setAttribute(MARK, '');
    sheets.set(element, sheet);
    page.adoptedStyleSheets = [...page.adoptedStyleSheets, sheet];
    Object.defineProperty(element, 'innerHTML', {
      get: () => written,
      set: (css: string) => {
        written = css;
        sheet.replaceSync(css);
      },
    });
    return element;
  };

  (page as { createElement: Create }).createElement = (name, options) =>
    name.toLowerCase() === 'style' ? standIn() : create(name, options);

  // Stand-ins that were moved change the order, those that are gone take their sheet with them.
  new MutationObserver(() => {
    for (const element of sheets.keys()) if (!element.isConnected) sheets.delete(element);
    const wanted = [...page.querySelectorAll(`[${MARK}]`)].flatMap((element) => sheets.get(element) ?? []);
    const now = page.adoptedStyleSheets;
    if (wanted.length !== now.length || wanted.some((sheet, at) => sheet !== now[at])) page.adoptedStyleSheets = wanted;
  }).observe(page, { childList: true, subtree: true });
}
