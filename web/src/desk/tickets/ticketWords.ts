/** The words of tickets in Chinese and English; they come with the pages that need them. */

import { useLanguage } from '../words';

const WORDS = {
  tickets: ['工单', 'Tickets'],
  newTicket: ['建工单', 'New ticket'],
  mine: ['我的', 'Mine'],
  unassigned: ['待领取', 'Unassigned'],
  open: ['未完成', 'Open'],
  overdueView: ['已超时', 'Overdue'],
  all: ['全部', 'All'],
  promises: ['承诺', 'Promises'],
  board: ['看板', 'Board'],
  list: ['列表', 'List'],
  search: ['搜工单号、标题、内容、订单号', 'Number, title, text, order'],
  type: ['类型', 'Type'],
  group: ['组', 'Group'],
  agent: ['经办人', 'Assignee'],
  nobody: ['还没有人接', 'Nobody yet'],
  state: ['状态', 'State'],
  customer: ['顾客', 'Customer'],
  order: ['订单', 'Order'],
  due: ['到期', 'Due'],
  changedAt: ['更新', 'Updated'],
  noDue: ['不限时', 'no time limit'],
  standsStill: ['等顾客，不计时', 'paused'],
  left: ['还剩 {0}', '{0} left'],
  late: ['超时 {0}', '{0} late'],
  dueAt: ['{0} 到期', 'due {0}'],
  doneLate: ['超时完成', 'done late'],
  urgent: ['加急', 'Urgent'],
  title: ['标题', 'Title'],
  text: ['说明', 'Details'],
  files: ['图片和文件', 'Pictures and files'],
  addFile: ['添加图片或文件', 'Add a picture or file'],
  fromChat: ['来自会话', 'From the chat'],
  openChat: ['看会话', 'Open the chat'],
  guessed: ['已按聊天内容填好，核对一下就能提交', 'Filled in from the chat; check and submit'],
  create: ['提交工单', 'Create'],
  created: ['工单 {0} 已建好', 'Ticket {0} created'],
  tellCustomer: ['告诉顾客', 'Tell the customer'],
  customerReads: ['顾客会收到', 'The customer reads'],
  customerReadsNothing: ['这一步不打扰顾客', 'The customer is not told'],
  moveTo: ['转到「{0}」', 'Move to “{0}”'],
  why: ['原因或结果', 'Reason or result'],
  whyHint: ['写清楚做了什么，顾客会看到', 'Say what was done; the customer reads it'],
  whyInner: ['写一句原因，方便同事了解', 'A line for colleagues'],
  onlySupervisor: ['只有主管能操作', 'Supervisors only'],
  moved: ['已转到「{0}」', 'Moved to “{0}”'],
  take: ['我来处理', 'Take it'],
  taken: ['已领取', 'It is yours'],
  changed: ['同事刚改过，已显示最新内容', 'A colleague has changed it; this is the newest'],
  saved: ['已保存', 'Saved'],
  save: ['保存', 'Save'],
  edit: ['修改', 'Edit'],
  cancel: ['取消', 'Cancel'],
  close: ['关闭', 'Close'],
  required: ['必填', 'Required'],
  comment: ['写备注，顾客看不到；Ctrl+Enter 提交', 'A comment, never seen by the customer; Ctrl+Enter'],
  addComment: ['添加备注', 'Comment'],
  history: ['经过', 'History'],
  raisedBy: ['{0} 建了工单', '{0} raised it'],
  movedBy: ['{0}：{1} → {2}', '{0}: {1} → {2}'],
  changedBy: ['{0} 修改了{1}', '{0} changed {1}'],
  commentBy: ['{0}', '{0}'],
  fileBy: ['{0} 上传了文件', '{0} added a file'],
  toldCustomer: ['已告诉顾客', 'The customer was told'],
  becameOverdue: ['超时了', 'Became overdue'],
  remindedAgent: ['已提醒经办人', 'Reminded the assignee'],
  remindedGroup: ['已提醒全组', 'Alerted the group'],
  remindedSupervisor: ['已上报主管', 'Escalated to supervisors'],
  'field.title': ['标题', 'title'],
  'field.text': ['说明', 'details'],
  'field.type': ['类型', 'type'],
  'field.fields': ['内容', 'fields'],
  'field.group': ['组', 'group'],
  'field.agent': ['经办人', 'assignee'],
  'field.urgent': ['加急', 'urgency'],
  none: ['没有工单', 'No tickets'],
  noneMine: ['手上没有要办的工单', 'Nothing on your hands'],
  noneMore: ['在会话里按 Alt+G，一步建好', 'Alt+G in a chat raises one in one step'],
  noneFound: ['没有符合的工单', 'No ticket matches'],
  noPromises: ['没有要盯的承诺', 'No promises are watched'],
  noPromisesMore: [
    '客服说了“24小时内退款”这样的话，会自动记在这里',
    'What agents promise, such as a refund within 24 hours, appears here by itself',
  ],
  keysHint: [
    '方向键选工单，Enter 打开，Shift+← → 换状态，也可以拖',
    'Arrows choose, Enter opens, Shift+← → moves, or drag',
  ],
  notThatWay: ['不能从「{0}」直接到「{1}」', '“{0}” does not lead to “{1}”'],
  promised: ['说好了', 'Promised'],
  proposal: ['这是承诺吗？', 'A promise?'],
  keep: ['记下盯着', 'Watch it'],
  drop: ['不是承诺', 'Not a promise'],
  done: ['办好了', 'Done'],
  keepsPromise: ['兑现说好的「{0}」，{1} 到期', 'Keeps the promise “{0}”, due {1}'],
  kept: ['已兑现', 'kept'],
  raiseFor: ['建工单', 'Raise a ticket'],
  saidBy: ['{0} 说的', 'by {0}'],
  aDeed: ['办理', 'Deed'],
  theBot: ['机器人办理', 'the bot'],
  more: ['还有更多，请搜索或筛选', 'There are more: search or filter'],
  loading: ['加载中…', 'Loading…'],
  count: ['{0} 张', '{0}'],
  noChat: ['不是从会话来的', 'not from a chat'],
  ticketsOfCustomer: ['这位顾客的工单', 'Tickets of this customer'],
} as const satisfies Record<string, readonly [string, string]>;

export type TicketWord = keyof typeof WORDS;
export type SayTicket = (word: TicketWord, ...values: (string | number)[]) => string;

export function sayTicketIn(place: 0 | 1): SayTicket {
  return (word, ...values) =>
    WORDS[word][place].replace(/\{(\d)\}/g, (whole, at: string) => String(values[Number(at)] ?? whole));
}

const SAYS = [sayTicketIn(0), sayTicketIn(1)] as const;

export function useTicketWords(): SayTicket {
  return SAYS[useLanguage() === 'en' ? 1 : 0];
}

/** What the playbook calls something, in the language that is read. */
export function useTitle(): (
  named: { title: string; title_en: string | null } | undefined,
  otherwise?: string,
) => string {
  const english = useLanguage() === 'en';
  return (named, otherwise = '') => (english ? named?.title_en : null) ?? named?.title ?? otherwise;
}
