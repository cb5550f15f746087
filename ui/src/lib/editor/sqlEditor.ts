/**
 * The editor of SQL statements. It lives in a shadow root: its styles are then constructed sheets, which the page's
 * content security policy allows, where it would allow no style element.
 */
import {
  acceptCompletion,
  autocompletion,
  closeBrackets,
  closeBracketsKeymap,
  closeCompletion,
  completionKeymap,
} from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { PostgreSQL, sql } from "@codemirror/lang-sql";
import { bracketMatching, HighlightStyle, syntaxHighlighting } from "@codemirror/language";
import { Compartment, EditorState, Prec, StateEffect, StateField } from "@codemirror/state";
import {
  Decoration,
  type DecorationSet,
  drawSelection,
  EditorView,
  keymap,
  lineNumbers,
} from "@codemirror/view";
import { tags } from "@lezer/highlight";

import type { ConsoleTable, Place } from "../console/console";

export interface SqlEditor {
  /** Replaces the whole statement. */
  write(text: string): void;
  /** Writes a name where the cursor is. */
  insert(text: string): void;
  offer(tables: readonly ConsoleTable[]): void;
  /** Marks the place where the statement is wrong, until it is changed. */
  mark(place: Place | null): void;
  goTo(place: Place): void;
  focus(): void;
  destroy(): void;
}

interface Options {
  text: string;
  label: string;
  tables: readonly ConsoleTable[];
  onchange: (text: string) => void;
  onrun: () => void;
  oncancel: () => void;
}

const look = EditorView.theme({
  "&": { height: "100%", color: "var(--text)", backgroundColor: "var(--surface-raised)", fontSize: "12.5px" },
  "&.cm-focused": { outline: "none" },
  // The ring goes around the line numbers too, which an outline would lie under.
  "&.cm-focused::after": {
    content: '""',
    position: "absolute",
    inset: "0",
    zIndex: "300",
    border: "2px solid var(--accent)",
    pointerEvents: "none",
  },
  ".cm-scroller": { fontFamily: "var(--font-mono)", lineHeight: "19px" },
  ".cm-content": { caretColor: "var(--text)", padding: "6px 0" },
  ".cm-cursor": { borderLeftColor: "var(--text)" },
  ".cm-gutters": {
    backgroundColor: "var(--surface-sunken)",
    color: "var(--text-muted)",
    borderRight: "1px solid var(--line)",
  },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": {
    backgroundColor: "var(--accent-soft)",
  },
  ".cm-matchingBracket": {
    backgroundColor: "var(--accent-soft) !important",
    outline: "1px solid var(--line-strong)",
  },
  ".cm-wrong": { textDecoration: "underline wavy var(--unfavourable)", textUnderlineOffset: "3px" },
  ".cm-tooltip": {
    border: "1px solid var(--line-strong)",
    borderRadius: "var(--radius)",
    backgroundColor: "var(--surface-raised)",
    color: "var(--text)",
  },
  ".cm-tooltip.cm-tooltip-autocomplete > ul": { fontFamily: "var(--font-mono)", maxHeight: "220px" },
  ".cm-tooltip.cm-tooltip-autocomplete > ul > li": { padding: "2px 8px" },
  ".cm-tooltip-autocomplete ul li[aria-selected]": {
    backgroundColor: "var(--accent-soft)",
    color: "var(--text)",
  },
  ".cm-completionDetail": { color: "var(--text-muted)", fontStyle: "normal", marginLeft: "1em" },
});

const colours = HighlightStyle.define([
  { tag: tags.keyword, color: "var(--accent-strong)", fontWeight: "600" },
  { tag: [tags.string, tags.special(tags.string)], color: "var(--favourable)" },
  { tag: [tags.number, tags.bool, tags.null], color: "var(--warning)" },
  { tag: tags.comment, color: "var(--text-faint)", fontStyle: "italic" },
]);

const setWrong = StateEffect.define<number | null>();
const wrong = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (!effect.is(setWrong)) continue;
      if (effect.value === null) return Decoration.none;
      const text = transaction.state.doc.sliceString(effect.value);
      const length = Math.max(/^[\w."]+/.exec(text)?.[0].length ?? 1, 1);
      const to = Math.min(effect.value + length, transaction.state.doc.length);
      const from = Math.min(effect.value, Math.max(to - 1, 0));
      return from < to
        ? Decoration.set([Decoration.mark({ class: "cm-wrong" }).range(from, to)])
        : Decoration.none;
    }
    return transaction.docChanged ? Decoration.none : marks;
  },
  provide: (field) => EditorView.decorations.from(field),
});

function language(tables: readonly ConsoleTable[]) {
  return sql({
    dialect: PostgreSQL,
    upperCaseKeywords: true,
    defaultTable: "charges",
    schema: Object.fromEntries(
      tables.map((table) => [
        table.name,
        table.columns.map((column) => ({
          label: column.name,
          type: "property",
          detail: column.type.toLowerCase(),
        })),
      ]),
    ),
  });
}

export function createSqlEditor(host: HTMLElement, options: Options): SqlEditor {
  const root = host.shadowRoot ?? host.attachShadow({ mode: "open" });
  const offered = new Compartment();
  const own = [
    {
      key: "Mod-Enter",
      run: (at: EditorView) => {
        closeCompletion(at);
        options.onrun();
        return true;
      },
    },
    // Tab leaves the editor, unless a completion is waiting to be taken.
    { key: "Tab", run: acceptCompletion },
  ];
  const view = new EditorView({
    root,
    parent: root,
    state: EditorState.create({
      doc: options.text,
      extensions: [
        Prec.highest(keymap.of(own)),
        lineNumbers(),
        history(),
        drawSelection(),
        bracketMatching(),
        closeBrackets(),
        autocompletion({ icons: false }),
        wrong,
        offered.of(language(options.tables)),
        syntaxHighlighting(colours),
        look,
        EditorView.lineWrapping,
        EditorView.contentAttributes.of({ "aria-label": options.label, spellcheck: "false" }),
        keymap.of([
          ...closeBracketsKeymap,
          ...completionKeymap,
          ...historyKeymap,
          ...defaultKeymap,
          { key: "Escape", run: () => (options.oncancel(), true) },
        ]),
        EditorView.updateListener.of((update) => {
          if (update.docChanged) options.onchange(update.state.doc.toString());
        }),
      ],
    }),
  });
  const positionOf = ({ line, column }: Place): number => {
    const at = view.state.doc.line(Math.min(line, view.state.doc.lines));
    return Math.min(at.from + column - 1, at.to);
  };
  return {
    write(text) {
      if (text === view.state.doc.toString()) return;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
    },
    insert(text) {
      view.dispatch(view.state.replaceSelection(text));
      view.focus();
    },
    offer: (tables) => view.dispatch({ effects: offered.reconfigure(language(tables)) }),
    mark: (place) => view.dispatch({ effects: setWrong.of(place && positionOf(place)) }),
    goTo(place) {
      view.dispatch({ selection: { anchor: positionOf(place) }, scrollIntoView: true });
      view.focus();
    },
    focus: () => view.focus(),
    destroy: () => view.destroy(),
  };
}
