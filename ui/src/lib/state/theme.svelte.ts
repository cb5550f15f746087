const KEY = "quarterdeck.theme";
const CHOICES = ["system", "light", "dark"] as const;
export type ThemeChoice = (typeof CHOICES)[number];

/** Light, dark, or as the system is set; kept on this machine. */
export class Theme {
  choice = $state<ThemeChoice>("system");
  #systemDark = $state(matchMedia("(prefers-color-scheme: dark)").matches);
  readonly dark = $derived(this.choice === "system" ? this.#systemDark : this.choice === "dark");

  constructor() {
    const kept = localStorage.getItem(KEY);
    this.choice = CHOICES.find((choice) => choice === kept) ?? "system";
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", (event) => {
      this.#systemDark = event.matches;
    });
    this.#apply();
  }

  toggle(): void {
    this.choice = this.dark ? "light" : "dark";
    localStorage.setItem(KEY, this.choice);
    this.#apply();
  }

  #apply(): void {
    document.documentElement.style.colorScheme = this.choice === "system" ? "light dark" : this.choice;
  }
}
