/** Stands in records and rows where one identity stands elsewhere; no policy can have this id. */
export const MANY = '*';
