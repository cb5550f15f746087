/** Where menus open, whatever opens them: within the page's banner, since nothing may lie outside its landmarks. */
export const MENUS_ID = "menus";
export const MENUS = `#${MENUS_ID}`;
