/** What customers usually ask about a product, offered on its page: first what its own attributes answer. */

const QUESTION_OF: Readonly<Record<string, string>> = {
  材质: '什么面料的？',
  厚薄: '厚不厚？',
  版型: '版型怎么样？',
  护理: '怎么洗？',
  缩水: '会缩水吗？',
  透气: '透气吗？',
  适用年龄: '适合多大的宝宝？',
  安全认证: '安全吗，有认证吗？',
  成分: '成分是什么？',
  肤质: '适合什么肤质？',
  功效: '有什么功效？',
  保质期: '保质期多久？',
  续航: '续航多久？',
  功率: '功率多大？',
  噪音: '噪音大吗？',
  保修: '保修几年？',
  包装清单: '里面都有什么？',
  储存: '怎么保存？',
  口味: '什么口味？',
  发货地: '从哪里发货？',
  规格: '什么规格的？',
  尺寸: '多大尺寸？',
};

const WEARABLE = new Set(['工装']);

export function questionsFor(product: { category: string; attributes: readonly { key: string }[] }): string[] {
  const fromAttributes = product.attributes.flatMap(({ key }) => QUESTION_OF[key] ?? []);
  const general = WEARABLE.has(product.category) ? ['我该穿多大？', '到手多少钱？'] : ['到手多少钱？', '还有货吗？'];
  return [...fromAttributes.slice(0, 2), ...general];
}
