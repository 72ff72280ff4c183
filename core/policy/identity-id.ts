/** Identity ids: they appear in keys, names and URLs. */
export const IDENTITY_ID = /^[a-z0-9][a-z0-9-]{2,63}$/;
