import { plural } from "./plural";

export const views = {
  menu: "Saved views",
  save: "Save this view…",
  manage: "Manage views…",
  none: "No view has been saved yet",
  saveTitle: "Save this view",
  name: "Name",
  nameWrong: "1 to 80 characters",
  replaces: (name: string) => `Replaces the view “${name}”`,
  saveButton: "Save",
  saved: (name: string) => `View saved: ${name}`,
  title: "Saved views",
  hint: "A view is what is looked at, not what it said: opened again, it asks again",
  open: (name: string) => `Open the view ${name}`,
  view: (name: string) => `View: ${name}`,
  savedAt: (moment: string) => `saved ${moment}`,
  remove: "Delete",
  removeOf: (name: string) => `Delete the view ${name}`,
  removeHint: "Only the view goes",
  removed: (name: string) => `View deleted: ${name}`,
  link: "Open this view",
  noLink: "The link is to no view",
  linkCopied: "Link copied: paste it into the palette to open the view",
  thumbnail: (count: number) => `Its trend over ${count} ${plural(count, "step", "steps")}`,
} as const;

export const annotations = {
  add: "Annotate…",
  title: "Annotation",
  onDay: "On the day",
  onValue: (dimension: string, value: string) => `On ${dimension} ${value}`,
  text: "What to remember",
  save: "Save",
  remove: "Delete",
  of: (name: string) => `Annotate ${name}`,
  edit: (text: string) => `Change the annotation: ${text}`,
  list: "Annotations",
  said: (texts: string) => `Annotations: ${texts}`,
  at: (day: string, text: string) => `${day} ${text}`,
  saved: "Annotation saved",
  removed: "Annotation deleted",
} as const;

export const pictures = {
  copyPng: "Copy as PNG",
  copySvg: "Copy as SVG",
  png: "Export PNG",
  svg: "Export SVG",
  copied: "Picture copied",
  written: (path: string) => `Picture in ${path}`,
} as const;
