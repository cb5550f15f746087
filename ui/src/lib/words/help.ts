/** What each room is for, told in the program itself: it has to be readable on a plane. */
import type { Screen } from "../view/view";

export interface Help {
  /** One sentence on what the room is for. */
  readonly purpose: string;
  /** What can be done in it, the usual first. */
  readonly ways: readonly string[];
  readonly keys: readonly (readonly [string, string])[];
}

const rooms: Record<Screen, Help> = {
  sources: {
    purpose: "What is loaded, and whether it is right",
    ways: [
      "Drop bills anywhere on the page. What was delivered before for the same billing month is replaced, and what changed is told line by line",
      "Loads lists each provider, report and billing month with its files and totals. Click a row for its manifest, rounding and rejects",
      "Checks asks the rules of FOCUS and of good sense, and adds up a score whose every point can be followed",
      "Invoices sets each invoice beside its charges and says what a difference is made of",
      "Tags merges spellings, Rates takes in exchange rates, Mappings reads bills of no known format",
    ],
    keys: [
      ["← →", "Move between the parts"],
      ["Enter", "Open what has the focus"],
      ["Esc", "Close the drawer"],
    ],
  },
  explore: {
    purpose: "Where the money goes, from the total down to the single charge",
    ways: [
      "Click a name in any list to filter everything by it, Alt-click to leave it out, double-click to drill down the path",
      "Drag over columns of the trend to set the period. Partial months are hatched and say how many days are there",
      "Compare with the previous period, a year ago or any other; Per day makes periods of unequal length comparable",
      "Or hold the cost against what was planned: a budget or a frozen forecast. What nobody planned says so",
      "Turn a list into areas, or the lists into a pivot: rows open along a path of dimensions, and every margin equals its cells",
      "Click any figure for its evidence: definition, scope, SQL, files, and a button that makes it again",
      "Cost type also has calculated measures: one measure divided by another or by a business metric, defined once for the engagement",
      "Save a view by name, annotate a day or a row, copy, export or pin any table and the chart",
    ],
    keys: [
      ["t", "Trend, or the list that has the focus, as picture or table"],
      ["v", "Lists or pivot"],
      ["e", "Evidence of the figure"],
      ["n", "Annotate a day, or the row that has the focus"],
      ["/", "Add a filter"],
      ["Space, Alt Space", "Filter by the row, leave it out"],
      ["Enter", "Drill into the row"],
      ["→ ←", "Open and close rows of the pivot"],
      ["Ctrl Z", "Back to the view before"],
    ],
  },
  units: {
    purpose: "What one unit of the business costs: an order, a parcel, a customer",
    ways: [
      "Import a CSV of business metrics with date, metric and value; further columns are labels, such as region",
      "Choose the metric, the step and a dimension that the metric has a label of. Period, filters and cost type come from the top",
      "Click a value of the dimension to see its cost, its units and its change; what has no units says why it has no unit cost",
      "A change is split into what the cost did and what the number of units did. Both add up to it exactly",
      "The elasticity says how far cost follows the units, with its interval. Under 18 periods nothing is claimed",
      "Click any cost for its evidence",
    ],
    keys: [
      ["t", "Chart or table"],
      ["Enter", "Look at the value that has the focus"],
      ["Ctrl Z", "Back to the view before"],
    ],
  },
  change: {
    purpose: "What moved between two periods, and why, down to the charge that did it",
    ways: [
      "Click a month to explain it against the one before, or set any period and comparison at the top",
      "The columns lead from the cost before to the cost now: each is an effect, and together they are the difference, with nothing left over",
      "Click a column or a row of the table for the SKUs behind it: quantities, unit prices and list prices of both periods. Their charges are one step further",
      "In order takes one effect after the other; Midpoint is the mean of both directions. Which one it is stands with the figures",
      "Movers lists what was new, gone, up or down by any dimension, each with its months and its main reason. Click filters by it, Alt-click leaves it out",
      "Compare with a budget or a frozen forecast to go from what was planned to what it cost, line by line; each line leads to its charges",
      "What cannot be told apart, such as rate and volume of charges without units, says so and by how much",
    ],
    keys: [
      ["t", "Bridge as chart or table"],
      ["e", "Evidence of the cost now"],
      ["Enter", "SKUs of the effect, effects of the mover, charges of the SKU"],
      ["b", "Charges of the SKU in the period before"],
      ["Space, Alt Space", "Filter by the mover, leave it out"],
      ["Ctrl Z", "Back to the view before"],
    ],
  },
  forecast: {
    purpose:
      "Where the cost is heading, how far that can be trusted, what would change it, and how it stands against the plan",
    ways: [
      "Forecast shows what is expected with the interval that eight of ten values fall into, and how well the same method would have done before",
      "Period, filters and cost type come from the top: the period is the history that is learned from. Months or days, and how far ahead, are chosen beside the chart",
      "Parts splits the forecast by a dimension, coherent to the cent. A second dimension tells what each consists of. A part whose sum is known is held and the total moves with it; where the total is held, the parts give way",
      "What would change it is a scenario: an ordered list of dated changes laid over a baseline, compared line by line",
      "Budgets takes a CSV or XLSX file, sets actual, forecast and budget side by side, and judges what was forecast when the budget was locked",
      "Click any figure of the past for its evidence. The export goes on calculating in Excel",
    ],
    keys: [
      ["← →", "Move between the parts"],
      ["t", "Chart or table"],
      ["e", "Evidence of the forecast"],
      ["n", "Annotate a day of the time line"],
      ["Ctrl Z", "Back to the view before"],
    ],
  },
  commit: {
    purpose: "What to promise the providers: what is held, what it covers, and what a purchase would do",
    ways: [
      "Held lists every commitment of the bill with its use, its worth and its end. Open one for its facts and where each is from; a CSV completes what the bill does not tell",
      "Coverage shows each hour of a month: what was covered and what cost the full price. By service, account or any dimension it says where",
      "Offers holds the rates: those that the bill itself implies, your own sheet, and the providers' price lists as they were downloaded",
      "Plan draws what one more commitment of any size would save, and searches the cheapest mix of several under limits and risk, with a bound that nothing can beat and the frontier of savings against the tail",
      "The basket lays purchases, renewals, exchanges and returns over the usage to come, with sliders for what demand may do and bands of how it may come out. Baskets are kept, set side by side, written to a file, saved as a scenario of the forecast, and copied as a memo",
      "Period and filters come from the top. Nothing is recommended from fewer than 14 days of usage",
      "Click a key figure for its definition, its formula with the numbers in it, and its evidence",
    ],
    keys: [
      ["← →", "Move between the parts; between the hours where they have the focus"],
      ["Enter", "Open the commitment, sort by the column; in a table of entries the row below"],
      ["Ctrl V", "Rows from a spreadsheet into a table of entries"],
      ["t", "Chart or table"],
      ["Ctrl Z", "Back to the view before"],
    ],
  },
  packs: {
    purpose: "The report for executives, from the same figures as the screen",
    ways: [
      "Choose a pack, a period and its forms, and build it. The files lie in the engagement's folder",
      "A pack is a text file in the folder packs: its sections, measures and periods can be changed there",
      "Pin to a pack… in the menu of a list, the trend, a change or a SQL result makes a section of it, asked anew with each build",
      "Every figure of a pack has its evidence at the back, and the parts add up to the headline or the pack is not written",
    ],
    keys: [["Enter", "Build"]],
  },
  sql: {
    purpose: "Whatever the other rooms do not answer: one SELECT over what is loaded",
    ways: [
      "charges has every FOCUS column of the charges that count now; daily is the same summed up by day, and quicker",
      "Names are completed while you type. Click a table or a column at the right to write it where the cursor is",
      "The console reads and nothing else: it cannot write, attach, load extensions or open other files",
      "The first 10,000 rows are shown; an export has them all. What was run is kept on this machine, for each engagement",
      "The evidence of any figure opens its statement here",
    ],
    keys: [
      ["Ctrl Enter", "Run"],
      ["Esc", "Stop what runs"],
      ["Ctrl Space", "Offer names"],
      ["Ctrl C", "Copy the selected rows with full precision"],
      ["Tab", "Leave the editor, or take what is offered"],
    ],
  },
};

export const help = {
  title: "Help",
  open: "Help for this screen",
  of: (screen: string) => `Help: ${screen}`,
  ways: "What you can do",
  keys: "Keys here",
  allKeys: "All keys",
  tour: "Take the tour",
  rooms,
} as const;
