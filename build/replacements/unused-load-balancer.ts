/** Registers no load balancer. */
export function setup(): void {}
