/** Counts nothing. */
class Statistics {
  addTrace(): void {}
  refChild(): void {}
  unrefChild(): void {}
  addCallStarted(): void {}
  addCallSucceeded(): void {}
  addCallFailed(): void {}
}

export {
  Statistics as ChannelzCallTracker,
  Statistics as ChannelzCallTrackerStub,
  Statistics as ChannelzChildrenTracker,
  Statistics as ChannelzChildrenTrackerStub,
  Statistics as ChannelzTrace,
  Statistics as ChannelzTraceStub,
};

interface Reference {
  readonly id: number;
  readonly name: string;
}

const register = (name: string): Reference => ({ id: 0, name });

export {
  register as registerChannelzChannel,
  register as registerChannelzSocket,
  register as registerChannelzSubchannel,
};

export function unregisterChannelzRef(): void {}

export function setup(): void {}
