export const settings = {
  title: "Settings",
  open: "Settings…",
  lead: "How this engagement's bills are read. It counts for loads made from now on; what is loaded stays as it is until its files are loaded again",
  figures: "Key figures",
  figuresLead: "What they mean in this engagement. It counts at once",
  rule: "the rule",
  ofEngagement: "the engagement's",
  otherwise: (loads: readonly number[], value: string) =>
    loads.length === 1
      ? `Load ${loads[0]} was made under another value than ${value}. Load its files again to have it so`
      : `Loads ${loads.join(", ")} were made under another value than ${value}. Load their files again to have them so`,
  strange: (key: string) => `Nothing reads the entry ${key} of engagement.toml`,
  takeOut: "Take it out",
  toChecks: "What checks assume of each provider",
  save: "Save",
  saved: "Settings saved",
  made: "Made under",
} as const;
