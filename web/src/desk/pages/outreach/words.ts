/** The words of the pages on reminders, which are loaded with them. */

import { useCallback } from 'react';
import { useLanguage } from '../../words';

const WORDS = {
  title: ['主动触达', 'Reminders'],
  today: ['今天', 'Today'],
  log: ['发送记录', 'What was sent'],
  lift: ['效果', 'Lift'],
  outbox: ['短信与电话', 'SMS and calls'],
  calls: ['外呼名单', 'Call list'],
  pauseAll: ['全部暂停', 'Pause all'],
  resumeAll: ['全部恢复', 'Resume all'],
  allPaused: [
    '所有场景都已暂停，到点的不会发，也不会补发。',
    'Everything is paused; what is due is not sent, nor later.',
  ],
  pauseAllAsk: ['暂停所有场景？', 'Pause all scenes?'],
  pauseAllMore: [
    '暂停期间到点的提醒不会发，恢复后也不会补发。',
    'What is due while paused is not sent, and is not sent later.',
  ],
  pause: ['暂停', 'Pause'],
  resume: ['恢复', 'Resume'],
  running: ['运行中', 'Running'],
  paused: ['已暂停', 'Paused'],
  quietNow: ['现在是免打扰时段（{0} 到 {1}）', 'Quiet hours now ({0} to {1})'],
  rules: [
    '免打扰 {0}–{1} · 每位顾客 24 小时最多 {2} 条、7 天 {3} 条',
    'Quiet {0}–{1} · at most {2} a day and {3} a week for each customer',
  ],
  scene: ['场景', 'Scene'],
  selling: ['促成', 'Selling'],
  service: ['服务', 'Service'],
  when: ['什么时候', 'When'],
  ladder: ['步骤', 'Steps'],
  planned: ['待发', 'Planned'],
  sent: ['已发', 'Sent'],
  skipped: ['没发', 'Not sent'],
  held: ['对照', 'Control'],
  failed: ['失败', 'Failed'],
  queued: ['发送中', 'Sending'],
  after: ['{0}后', 'after {0}'],
  atOnce: ['马上', 'at once'],
  byCategory: ['分类目', 'by category'],
  atTimes: ['每天 {0}', 'at {0}'],
  inCampaign: ['大促时 {0}', '{0} in campaigns'],
  seconds: ['{0}秒', '{0} s'],
  minutes: ['{0}分钟', '{0} min'],
  hours: ['{0}小时', '{0} h'],
  days: ['{0}天', '{0} d'],
  fromAmount: ['满{0}元', 'from ¥{0}'],
  chat: ['聊天', 'Chat'],
  sms: ['短信', 'SMS'],
  phone: ['电话', 'Call'],
  all: ['全部', 'All'],
  planToday: ['今天还要发的', 'Still planned for today'],
  nothingPlanned: ['今天没有要发的了', 'Nothing more is planned for today'],
  nothingPlannedMore: [
    '顾客下单没付款、加了购物车没买、包裹停住不动，到时候会自己排进来。',
    'Unpaid orders, carts left behind and stuck parcels come here by themselves.',
  ],
  nothingSent: ['还没有记录', 'Nothing here yet'],
  nothingSentMore: [
    '等第一条发出去就有了。一直没有的话，看看“今天”里的场景是不是都在运行。',
    'The first one sent comes here. If none does, see under Today whether the scenes run.',
  ],
  nothingFound: ['换个筛选条件，或者清空搜索再看看。', 'Choose another filter, or clear the search.'],
  due: ['时间', 'When'],
  customer: ['顾客', 'Customer'],
  about: ['关于', 'About'],
  way: ['方式', 'Way'],
  what: ['内容或原因', 'Words or reason'],
  result: ['结果', 'Result'],
  state: ['状态', 'State'],
  delivered: ['已送达', 'Delivered'],
  converted: ['达成', 'Converted'],
  find: ['顾客号或订单号', 'Customer or order number'],
  foreseen: ['接下来会收到的', 'What comes next'],
  foreseenHint: [
    '按现在的情况、顾客什么都不做来推算；在这里看不会触发发送。',
    'As things stand now and if they do nothing; looking sends nothing.',
  ],
  soFar: ['到现在为止', 'So far'],
  nothingForeseen: ['接下来没有要发给这位顾客的', 'Nothing comes next for this customer'],
  nobodyForeseen: ['没有找到这位顾客，核对一下顾客号或订单号', 'Nobody found; check the number'],
  wouldNot: ['不发：{0}', 'Not sent: {0}'],
  whyNotToday: ['今天没发的原因', 'Why not, today'],
  more: ['加载更多', 'Load more'],
  caseTitle: ['这次触达的来龙去脉', 'How this came about'],
  because: ['因为什么', 'Why'],
  moment: ['起因时间', 'Began'],
  audience: ['人群', 'Audience'],
  variant: ['话术', 'Wording'],
  arm: ['分组', 'Group'],
  reminded: ['提醒组', 'Reminded'],
  control: ['对照组', 'Control'],
  exposed: ['首次触达', 'First sent'],
  exposedControl: ['本该触达', 'Would have been sent'],
  watchUntil: ['观察到', 'Watched until'],
  answered: ['顾客回话', 'Answered'],
  convertedAt: ['达成时间', 'Converted'],
  recovered: ['追回金额', 'Recovered'],
  unsubscribed: ['退订', 'Unsubscribed'],
  ended: ['结束', 'Ended'],
  openChat: ['看聊天', 'Open chat'],
  stepNo: ['第 {0} 步', 'Step {0}'],
  words: ['话术', 'Words'],
  wordsHint: [
    '改了马上生效，写进 playbook/outreach.yml，可以撤销。',
    'Changes count at once; they are written to playbook/outreach.yml and can be undone.',
  ],
  edit: ['修改', 'Edit'],
  save: ['保存', 'Save'],
  cancel: ['取消', 'Cancel'],
  preview: ['顾客看到的', 'As customers read it'],
  variables: ['可以用：', 'May be used:'],
  saved: ['已保存，下一轮就用新的', 'Saved; used from the next round on'],
  history: ['修改记录', 'Changes'],
  letGo: ['放弃修改', 'Let go'],
  notSaved: ['有没保存的修改', 'Not saved yet'],
  noWords: ['话术不能空着', 'There must be words'],
  noWordsMore: ['写一句话，或者放弃修改', 'Write some, or let go'],
  overtaken: ['这条话术刚被改过，现在是：', 'These words were changed just now; they are:'],
  overtakenBy: ['这条话术被 {0} 在 {1} 改过，现在是：', 'These words were changed by {0} at {1}; they are:'],
  takeTheirs: ['用现在的', 'Take these'],
  keepMine: ['用我写的替换', 'Replace them with mine'],
  smsLength: [
    '按示例约 {0} 字，按 {1} 条短信计费（70 字以内 1 条，再长每 67 字一条）',
    'About {0} characters with these examples, paid as {1} SMS (70 in one, 67 in each of several)',
  ],
  noHistory: ['还没有改过', 'Nothing was changed yet'],
  undo: ['撤销', 'Undo'],
  undone: ['已改回去', 'Taken back'],
  forAudience: ['给 {0}', 'for {0}'],
  controlShare: ['留 {0}% 顾客不打扰，用来对比效果', '{0}% of customers are left alone, to compare'],
  noControl: ['没有对照组，看不出提醒到底有没有用', 'No control group: whether it helps cannot be told'],
  span: ['最近', 'Last'],
  byScene: ['按场景', 'By scene'],
  byAudience: ['按人群', 'By audience'],
  byVariant: ['按话术', 'By wording'],
  liftHint: [
    '提升 = 提醒组的达成率减去对照组的，每位顾客只算这段时间里的第一次；括号里是 95% 区间，不含 0 才算有效果。增收只算比对照组多出来的。',
    'Lift is the share of customers converted with reminders minus without, each by their first case, with its 95% interval; it counts when 0 is outside. Extra revenue is only what the control group did not bring.',
  ],
  conversion: ['达成率', 'Converted'],
  controlConversion: ['对照组', 'Control'],
  difference: ['提升', 'Lift'],
  points: ['百分点', 'points'],
  extraRevenue: ['增收', 'Extra revenue'],
  cost: ['花费', 'Cost'],
  roi: ['投入产出', 'ROI'],
  verdictMore: ['有效', 'Works'],
  verdictFewer: ['帮倒忙', 'Harms'],
  verdictOpen: ['看不出', 'Not clear'],
  verdictTooFew: ['数据还少', 'Too few'],
  verdictBroken: ['分组异常', 'Draw broken'],
  verdictNone: ['没有对照', 'No control'],
  noLift: ['这段时间还没有触达', 'No reminders in this time'],
  noLiftMore: [
    '换个更长的时间看看；提醒发出去以后，第二天就能看到效果。',
    'Look at a longer time; a day after the first reminder there is something to see.',
  ],
  watched: ['{0} 个还在观察', '{0} still watched'],
  perDay: ['每天的触达与达成', 'Day by day'],
  liftPlot: ['各场景的提升（95% 区间）', 'Lift by scene (95% interval)'],
  plotOf: ['图：{0}', 'Plot: {0}'],
  totalSent: ['触达', 'Reminded'],
  totalRecovered: ['追回', 'Recovered'],
  template: ['模板', 'Template'],
  number: ['号码', 'Number'],
  noOutbox: ['还没有短信和电话', 'No SMS and no calls yet'],
  noOutboxMore: [
    '聊天里提醒过、没动静的顾客，才会轮到短信和电话。哪些场景有这两步，看“今天”里的步骤。',
    'Who does not answer in the chat gets an SMS or a call next. Today tells which scenes have these steps.',
  ],
  noReceipt: ['还没有回执', 'No receipt yet'],
  outboxHint: [
    '现在用的是演示通道：只记下会发的每一条，不真的发。要真发，请管理员用 SIXTY_SMS_PROVIDER 接上短信服务商。',
    'The outbox provider records what would be sent and sends nothing. SIXTY_SMS_PROVIDER connects a real one.',
  ],
  waiting: ['等待', 'Waiting'],
  sending: ['发送中', 'Sending'],
  taken: ['正在打', 'Taken'],
  done: ['打过了', 'Done'],
  noCalls: ['没有要打的电话', 'Nobody to call'],
  noCallsMore: [
    '有空的时候来看看，大额又没动静的顾客会排到这里。',
    'Customers with much at stake and no answer come here.',
  ],
  take: ['我来打', 'Take'],
  giveBack: ['先放回', 'Put back'],
  outcome: ['结果', 'Outcome'],
  note: ['备注（可不填）', 'Note (optional)'],
  finish: ['记下结果', 'Save outcome'],
  finished: ['已记下', 'Saved'],
  chooseOutcome: ['先选一个结果', 'Choose an outcome first'],
  callScript: ['可以这样说', 'What to say'],
  notAllowed: ['这一页您没有权限看', 'You may not see this page'],
} as const satisfies Record<string, readonly [string, string]>;

export type OutreachWord = keyof typeof WORDS;
export type SayOutreach = (word: OutreachWord, ...values: (string | number)[]) => string;

export function useOutreachWords(): SayOutreach {
  const place = useLanguage() === 'en' ? 1 : 0;
  return useCallback(
    (word, ...values) =>
      WORDS[word][place].replace(/\{(\d)\}/g, (whole, at: string) => String(values[Number(at)] ?? whole)),
    [place],
  );
}

/** 5400 → "1.5小时". */
export function span(say: SayOutreach, seconds: number): string {
  const short = (value: number) => String(Math.round(value * 10) / 10);
  if (seconds < 60) return say('seconds', seconds);
  if (seconds < 3600) return say('minutes', short(seconds / 60));
  if (seconds < 86_400) return say('hours', short(seconds / 3600));
  return say('days', short(seconds / 86_400));
}

/** 0.0432 → "4.3%". */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)}%`;
}

/** 1234.5 → "¥1,235"; small amounts keep their fen. */
export function yuan(amount: number | string | null): string {
  if (amount === null) return '–';
  const value = Number(amount);
  const digits = Math.abs(value) < 100 && !Number.isInteger(value) ? 2 : 0;
  return `${value < 0 ? '-' : ''}¥${Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })}`;
}
