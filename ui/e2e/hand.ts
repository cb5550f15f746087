/** What a person does on a page, counted. */
import type { Locator, Page } from "playwright-core";

const STOPS_MAX = 120;

/** Enter on a control, once it takes it: what is disabled cannot be focused, and the key would go elsewhere. */
export async function enter(control: Locator): Promise<void> {
  const element = await control.elementHandle();
  await element?.waitForElementState("enabled");
  await control.press("Enter");
}

/** Does things on a page and counts them: a click, or a control that is gone to by key and pressed. */
export class Hand {
  done = 0;
  readonly #page: Page;
  readonly #keys: boolean;

  constructor(page: Page, keys: boolean) {
    this.#page = page;
    this.#keys = keys;
  }

  async room(name: string, key: string): Promise<void> {
    this.done += 1;
    if (this.#keys) {
      await this.#page.keyboard.press("g");
      await this.#page.keyboard.press(key);
    } else {
      await this.#page.getByRole("button", { name, exact: true }).first().click();
    }
  }

  async press(control: Locator, key = "Enter"): Promise<void> {
    this.done += 1;
    await control.first().waitFor();
    if (!this.#keys) return control.first().click();
    await this.#reach(control.first());
    await this.#page.keyboard.press(key);
  }

  /** Tab to the group that the control is in, arrows within it; nothing is focused by script. */
  async #reach(control: Locator): Promise<void> {
    const wanted = await control.elementHandle();
    const place = () =>
      this.#page.evaluate((element) => {
        const active = document.activeElement;
        if (active === element) return "there";
        const group = active?.closest("tbody, [role=toolbar], ol");
        if (!group || !element || !group.contains(element)) return "away";
        return active && active.compareDocumentPosition(element) & Node.DOCUMENT_POSITION_FOLLOWING
          ? "before"
          : "after";
      }, wanted);
    for (let stop = 0; stop < STOPS_MAX; stop += 1) {
      const now = await place();
      if (now === "there") return;
      if (now === "away") await this.#page.keyboard.press("Tab");
      else {
        const held = await this.#page.evaluateHandle(() => document.activeElement);
        const across = await this.#page.evaluate(() => !document.activeElement?.closest("tbody"));
        const [forth, back] = across ? ["ArrowRight", "ArrowLeft"] : ["ArrowDown", "ArrowUp"];
        await this.#page.keyboard.press(now === "before" ? forth : back);
        // A table whose buttons are stops of their own is left by Tab.
        const stayed = await this.#page.evaluate((element) => document.activeElement === element, held);
        if (stayed) await this.#page.keyboard.press("Tab");
      }
    }
    throw new Error(`no key led to ${String(control)}`);
  }
}
