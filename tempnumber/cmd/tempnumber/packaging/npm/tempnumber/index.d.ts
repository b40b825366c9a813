/**
 * The absolute path of the program tempnumber for this platform, or of the one that TEMPNUMBER_BINARY
 * names. Reading it throws an Error that says what to do when there is none.
 */
export declare const path: string;
