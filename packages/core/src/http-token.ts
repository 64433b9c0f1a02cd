/** A caller of the HTTP front door. */
export interface HttpToken {
  /** Part of the principal: `token:<name>`. */
  name: string;
  token: string;
}
