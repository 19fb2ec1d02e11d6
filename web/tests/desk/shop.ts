/** The customers, orders and answers of the desk in memory. */

import type {
  Author,
  Chat,
  ChatState,
  CustomerPanel,
  DeskMessage,
  Hit,
  Packet,
  QuickDeed,
  QuickReply,
} from '../../src/desk/wire';

export type Line = readonly [author: Author, text: string, minutesAgo: number, more?: Partial<DeskMessage>];

export interface Scripted extends Partial<Omit<Chat, 'id' | 'state' | 'agent' | 'customer'>> {
  id: string;
  state: ChatState | 'left';
  agent?: string;
  minutes: number;
  customer: { name: string } & Partial<Chat['customer']>;
  lines: readonly Line[];
}

const PRODUCT = {
  type: 'product',
  no: 'GZ2101',
  name: '多口袋耐磨工装裤',
  picture: '/pictures/GZ2101.svg',
  tags: ['工装'],
  prices: [{ label: '标价', amount: '259.00' }],
  final_price: '229.00',
};
const understood = (intent: string, title: string, mood: string | null = null) => ({
  understood: { intent, title, confidence: 0.94, mood },
});

export const CUSTOMERS: readonly Scripted[] = [
  {
    id: 'wang',
    state: 'assigned',
    agent: 'xiaoli',
    minutes: 9,
    customer: { id: 'C1001', name: '王**', level: '金卡', region: '浙江', vip: true },
    reason: 'asked_for',
    reason_title: '顾客要求人工',
    question: '工装裤大腿这里有点紧，能换大一码吗',
    source: { product_no: 'GZ2101', product_name: '多口袋耐磨工装裤', order_no: null, url: null },
    group: { id: 'aftersale', title: '售后客服' },
    why_first: ['vip'],
    note_count: 1,
    lines: [
      [
        'bot',
        '您好，欢迎来到六拾优选～您在看多口袋耐磨工装裤，想了解什么？',
        14,
        {
          capsules: [
            { title: '到手价多少', taken: false },
            { title: '尺码怎么选', taken: true },
          ],
        },
      ],
      ['customer', '尺码怎么选', 13, { tapped: true, kind: 'tap', ...understood('ask_size', '问尺码') }],
      ['bot', '您平时穿多大的裤子，或者告诉我身高体重，我帮您看～', 13],
      ['customer', '176 75公斤', 12, understood('inform', '告知信息')],
      [
        'bot',
        '按您的身高体重，建议穿 L 码：腰围 84cm，大腿围 62cm，裤长 104cm。',
        12,
        { card: PRODUCT, card_text: '多口袋耐磨工装裤（GZ2101）到手价229元' },
      ],
      ['customer', '我上次买的就是L 大腿这里有点紧 能换大一码吗 转人工', 9, understood('request_human', '找人工')],
      [
        'system',
        '好的，已经帮您登记转人工，聊天记录和商品信息都一并转过去了，您不用再说一遍。您是下一位，预计约2分钟。',
        9,
      ],
      ['system', '客服小李来啦，前面的聊天都看得到，不用再说一遍～', 8, { notice: 'claimed' }],
      [
        'agent',
        '王先生您好，我是小李。看到您上个月买的是卡其 L，大腿紧的话换 XL 会宽 2.4cm，腰围也大 4cm，可以吗？',
        7,
        { state: 'read' },
      ],
      ['customer', '腰围大的话会不会掉', 6, { stretch: 'person', ...understood('ask_size', '问尺码') }],
      ['agent', '腰头内侧有松紧，差一码不会掉的，配皮带更稳～', 5, { state: 'read' }],
      ['customer', '行 那运费谁出', 1, { stretch: 'person', ...understood('ask_return_shipping', '问退换运费') }],
    ],
  },
  {
    id: 'chen',
    state: 'assigned',
    agent: 'xiaoli',
    minutes: 16,
    customer: { id: 'C1002', name: '陈**', level: '银卡', region: '广东' },
    reason: 'angry',
    reason_title: '顾客生气',
    question: '奶瓶收到就是碎的，你们怎么发的货',
    mood: 'angry',
    channel: 'wechat',
    channel_title: '微信客服',
    entry: 'order',
    source: { product_no: null, product_name: null, order_no: '2026111500010002', url: null },
    group: { id: 'aftersale', title: '售后客服' },
    lines: [
      ['customer', '奶瓶收到就是碎的，你们怎么发的货', 16, understood('damaged_item', '商品破损', 'angry')],
      ['bot', '真抱歉让您遇到这种情况，我马上请同事来处理，您不用再说一遍。', 16],
      ['agent', '陈女士非常抱歉！麻烦拍一张碎的地方，我这边马上给您补发。', 14, { state: 'read', stretch: 'person' }],
      [
        'customer',
        '',
        13,
        {
          kind: 'picture',
          stretch: 'person',
          attachment: { kind: 'picture', name: '碎了.jpg', url: '/pictures/MY1001.svg' },
        },
      ],
      ['agent', '收到，已经登记补发，今天就寄出。', 12, { state: 'delivered', stretch: 'person' }],
    ],
  },
  {
    id: 'visitor',
    state: 'wrap_up',
    agent: 'xiaoli',
    minutes: 31,
    customer: { name: '访客 3F2A' },
    question: '有没有白色的电饭煲',
    entry: 'shop',
    group: { id: 'presale', title: '售前导购' },
    lines: [
      ['customer', '有没有白色的电饭煲', 31, { stretch: 'person' }],
      ['agent', '有的，奶白色 3L 那款今天有券，到手 199 元～', 29, { state: 'delivered' }],
    ],
  },
  {
    id: 'zhou',
    state: 'queued',
    minutes: 4,
    customer: { id: 'C1003', name: '周**', level: '金卡', region: '上海', vip: true },
    reason: 'sensitive',
    reason_title: '敏感问题',
    question: '退款六天了还没有到账',
    mood: 'negative',
    why_first: ['vip', 'amount'],
    priority: 60,
    group: { id: 'aftersale', title: '售后客服' },
    entry: 'order',
    lines: [
      ['customer', '退款六天了还没有到账', 5, understood('refund_status', '退款进度', 'negative')],
      ['bot', '这笔退款 11 月 16 日已经提交给银行，一般 1–7 个工作日到账。', 5],
      ['customer', '你们每次都这么说 找个人来', 4, understood('request_human', '找人工', 'negative')],
    ],
  },
  {
    id: 'sun',
    state: 'queued',
    minutes: 2,
    customer: { name: '访客 8C1D' },
    reason_title: '机器人没听懂',
    question: '团购三十件工服可以绣公司的字吗',
    channel: 'app',
    channel_title: 'App',
    group: { id: 'presale', title: '售前导购' },
    lines: [['customer', '团购三十件工服可以绣公司的字吗', 2]],
  },
  {
    id: 'gao',
    state: 'queued',
    minutes: 1,
    customer: { id: 'C1006', name: '高**', region: '四川' },
    question: '发票抬头写错了能改吗',
    wants: { id: 'azhen', name: '阿珍' },
    lines: [['customer', '发票抬头写错了能改吗', 1]],
  },
  {
    id: 'he',
    state: 'left',
    minutes: 620,
    customer: { id: 'C1004', name: '何**' },
    question: '想问下精华液孕妇能不能用',
    lines: [['customer', '想问下精华液孕妇能不能用', 620]],
  },
  {
    id: 'ma',
    state: 'assigned',
    agent: 'azhen',
    minutes: 12,
    customer: { id: 'C1005', name: '马**', level: '银卡' },
    question: '地址填错了',
    lines: [
      ['customer', '地址填错了，改成公司的', 12],
      ['agent', '好的，麻烦把新地址发我～', 11, { agent: 'azhen', name: '阿珍', state: 'delivered' }],
    ],
  },
  {
    id: 'xu',
    state: 'closed',
    agent: 'xiaoli',
    minutes: 90,
    customer: { id: 'C1007', name: '徐**' },
    question: '什么时候发货',
    lines: [
      ['customer', '什么时候发货', 92],
      ['agent', '今天下午就发，单号出来短信告诉您～', 88, { state: 'read' }],
    ],
  },
];

const ORDERS: Packet['orders'] = [
  {
    no: '2026111800010001',
    state: 'delivering',
    state_title: '派送中',
    placed_at: '2026-11-18T03:10:00+00:00',
    amount: '229.00',
    items: [{ name: '多口袋耐磨工装裤', spec: '卡其 L', quantity: 1, picture: '/pictures/GZ2101.svg' }],
    parcel: { company: '中通快递', no_masked: '7531****8901', last: '杭州西湖区网点，派送员正在派送' },
    refund: null,
  },
  {
    no: '2026101200010007',
    state: 'done',
    state_title: '已完成',
    placed_at: '2026-10-12T08:00:00+00:00',
    amount: '387.00',
    items: [
      { name: '水洗帆布夹克', spec: '军绿 L', quantity: 1, picture: '/pictures/GZ1101.svg' },
      { name: '加厚劳保手套', spec: '10 双', quantity: 1, picture: null },
    ],
    parcel: null,
    refund: { kind: 'refund', state: '已退款', amount: '28.00' },
  },
];

export const PANELS = {
  packet: (row: Chat, at: string): Packet => ({
    hand_off: row.hand_off,
    reason: row.reason,
    reason_title: row.reason_title,
    question: row.question,
    at,
    understood: [
      { intent: 'ask_size', title: '问尺码', at, message_id: 1 },
      { intent: 'ask_return_shipping', title: '问退换运费', at, message_id: 2 },
    ],
    slots: [
      { name: 'height', title: '身高', value: '176 cm' },
      { name: 'weight', title: '体重', value: '75 kg' },
      { name: 'article', title: '哪件商品', value: '工装裤 卡其 L' },
    ],
    product: { no: 'GZ2101', name: '多口袋耐磨工装裤', price: '229.00', picture: '/pictures/GZ2101.svg', url: null },
    orders: row.customer.id ? ORDERS : [],
    orders_stale: false,
    customer: row.customer,
    segment: 'answer',
    willingness: { score: 0.62, line: 'B', reasons: ['问了到手价'] },
    attachments: [],
    sessions: [],
    earlier: [
      {
        at: '2026-10-20T06:00:00+00:00',
        agent: '阿珍',
        reason: 'asked_for',
        reason_title: '顾客要求人工',
        summary: '手套少发一包，已补发',
        tags: ['已解决'],
      },
    ],
    missing: [],
  }),
  customer: (row: Chat, ago: (minutes: number) => string): CustomerPanel => ({
    customer: {
      ...row.customer,
      member_since: '2024-03-08T00:00:00+00:00',
      phone_masked: row.customer.id ? '138****5678' : null,
      tags: row.customer.id ? ['老客', '常买工装'] : [],
      named_agent: null,
    },
    orders: row.customer.id ? ORDERS : [],
    parcels: row.customer.id
      ? [
          {
            order_no: '2026111800010001',
            company: '中通快递',
            no_masked: '7531****8901',
            steps: [
              { at: ago(90), text: '杭州西湖区网点，派送员正在派送' },
              { at: ago(600), text: '到达杭州转运中心' },
              { at: ago(1500), text: '已揽收' },
            ],
          },
        ]
      : [],
    refunds: [],
    history: [
      {
        chat: row.id,
        channel: 'web',
        began: ago(14),
        ended: ago(1),
        last_text: '行 那运费谁出',
        with_person: true,
        summary: '',
      },
      {
        chat: 'xu',
        channel: 'wechat',
        began: ago(9000),
        ended: ago(8990),
        last_text: '好的谢谢',
        with_person: true,
        summary: '手套少发一包，已补发',
      },
    ],
    willingness: {
      score: 0.62,
      line: 'B',
      segment: 'answer',
      reasons: [
        { message_id: 1, words: '问了尺码', delta: 0.08 },
        { message_id: 2, words: '给了身高体重', delta: 0.12 },
        { message_id: 3, words: '说大腿紧', delta: -0.06 },
      ],
      curve: [
        [0, 0.42],
        [8, 0.5],
        [20, 0.62],
        [41, 0.56],
        [60, 0.62],
      ],
    },
    deeds: [],
    benefits: [{ title: '满200减20专属券', until: '2026-11-29T15:59:00+00:00', used: false, by_name: null }],
    notes: [],
    stale: [],
    missing: [],
  }),
  changes: (queued: string, claimed: string) => [
    {
      at: queued,
      before: 'bot',
      after: 'queued',
      by: null,
      by_name: null,
      why: 'asked_for',
      why_title: '顾客要求人工',
      note: null,
    },
    {
      at: claimed,
      before: 'queued',
      after: 'assigned',
      by: 'xiaoli',
      by_name: '小李',
      why: 'claimed',
      why_title: '接待',
      note: null,
    },
  ],
};

export const SUGGESTIONS = {
  answers: [
    {
      id: 's1',
      text: '尺码不合适 7 天内换货，来回运费都由我们承担，您放心～',
      card: null,
      source: 'policy',
      source_title: '退换运费',
      intent: 'ask_return_shipping',
      confidence: 0.93,
      why: '按退换政策',
    },
    {
      id: 's2',
      text: '您这笔订单有运费险，换货寄回的运费会退到您的账户。',
      card: null,
      source: 'order',
      source_title: '订单 0001',
      intent: 'ask_return_shipping',
      confidence: 0.7,
      why: null,
    },
    {
      id: 's3',
      text: '我帮您登记换 XL，上门取件，您不用自己寄～',
      card: null,
      source: 'quick_reply',
      source_title: '换货话术',
      intent: null,
      confidence: null,
      why: null,
    },
  ],
  next: [
    { question: 'ask_exchange_time', title: '换货要多久', share: 0.31 },
    { question: 'ask_stock', title: 'XL 有货吗', share: 0.18 },
  ],
};

export const REPLIES: readonly QuickReply[] = [
  {
    id: 1,
    title: '欢迎',
    text: '您好，我是{agent}，很高兴为您服务～',
    filled: '您好，我是小李，很高兴为您服务～',
    missing: [],
    scope: 'shared',
    folder: '开场',
    initials: 'hy',
    used: 120,
  },
  {
    id: 2,
    title: '换货',
    text: '帮您登记换货，订单 {order_no}，快递员会上门取件～',
    filled: '帮您登记换货，订单 2026111800010001，快递员会上门取件～',
    missing: [],
    scope: 'shared',
    folder: '售后',
    initials: 'hh',
    used: 48,
  },
  {
    id: 3,
    title: '稍等',
    text: '我帮您查一下，请稍等～',
    filled: null,
    missing: [],
    scope: 'mine',
    folder: '',
    initials: 'sd',
    used: 33,
  },
  {
    id: 4,
    title: '物流',
    text: '您的包裹单号 {tracking_no}，正在派送～',
    filled: null,
    missing: ['快递单号'],
    scope: 'shared',
    folder: '物流',
    initials: 'wl',
    used: 12,
  },
];

export const HITS: readonly Omit<Hit, 'snippet'>[] = [
  {
    kind: 'product',
    id: 'GZ2101',
    title: '多口袋耐磨工装裤',
    text: '多口袋耐磨工装裤，卡其/黑/军绿，到手价229元',
    url: null,
    product_no: 'GZ2101',
  },
  {
    kind: 'policy',
    id: 'p1',
    title: '退换运费',
    text: '尺码不合适 7 天内换货，来回运费由商家承担',
    url: null,
    product_no: null,
  },
  {
    kind: 'answer',
    id: 'a1',
    title: '工装裤会缩水吗',
    text: '水洗过的工装裤缩水率在 2% 以内',
    url: null,
    product_no: null,
  },
];

export const DEEDS: readonly QuickDeed[] = [
  {
    kind: 'coupon',
    title: '发券',
    may: true,
    why_not: null,
    fields: [
      { name: 'amount', title: '金额', type: 'money', choices: [], required: true, value: '10', at_most: '20.00' },
      {
        name: 'why',
        title: '原因',
        type: 'choice',
        choices: [
          { value: 'sorry', title: '安抚' },
          { value: 'loyal', title: '老客' },
        ],
        required: true,
        value: 'sorry',
        at_most: null,
      },
    ],
  },
  { kind: 'after_sales', title: '售后', may: true, why_not: null, fields: [] },
  { kind: 'address', title: '改地址', may: false, why_not: '已经发货，不能改地址', fields: [] },
  { kind: 'invoice', title: '发票', may: true, why_not: null, fields: [] },
  { kind: 'bundle', title: '搭配', may: true, why_not: null, fields: [] },
];
