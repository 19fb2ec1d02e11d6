import { App, Button, Form, Input, InputNumber, Modal, Select, Switch, Table, Tag } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useSnapshot } from '../desk';
import { Nothing, Trouble, Waiting } from '../states';
import { useWords, wordsOf } from '../words';
import { useInspectionApi } from './inspectionApi';
import type { Agreement, Overview, Plan, Risk } from './inspectionWire';
import { useInspectionWords } from './inspectionWords';
import { RISK } from './RiskTag';

interface Fields {
  title: string;
  form: string;
  groups: string[];
  share: number;
  at_least: number;
  high: number;
  medium: number;
  double_share: number;
  inspectors: number[];
  seed: number;
  active: boolean;
}

const percent = (share: number) => `${Math.round(share * 100)}%`;

function fieldsOf(plan: Plan | null, overview: Overview): Fields {
  return {
    title: plan?.title ?? '',
    form: plan?.form ?? overview.forms[0]?.id ?? '',
    groups: plan?.groups ?? [],
    share: (plan?.share ?? 0.05) * 100,
    at_least: plan?.at_least ?? 2,
    high: plan?.by_risk.high ?? 4,
    medium: plan?.by_risk.medium ?? 2,
    double_share: (plan?.double_share ?? 0.2) * 100,
    inspectors: plan?.inspectors.map(({ id }) => id) ?? [],
    seed: plan?.seed ?? 1,
    active: plan?.active ?? true,
  };
}

/** Plans of samples, what they have drawn, and how far two who score the same chat agree. */
export function PlansTab({ overview }: { overview: Overview }) {
  const say = useInspectionWords();
  const sayDesk = useWords();
  const api = useInspectionApi();
  const { message, modal } = App.useApp();
  const groups = useSnapshot((snapshot) => snapshot.me.groups);
  const [plans, setPlans] = useState<Plan[] | null>(null);
  const [agreement, setAgreement] = useState<Agreement[]>([]);
  const [error, setError] = useState<unknown>(null);
  const [edited, setEdited] = useState<Plan | 'new' | null>(null);
  const [saving, setSaving] = useState(false);
  const [form] = Form.useForm<Fields>();

  const load = useCallback(
    () =>
      Promise.all([api.plans(), api.agreement()]).then(
        ([found, agreed]) => {
          setPlans(found);
          setAgreement(agreed);
          setError(null);
        },
        (refused: unknown) => setError(refused),
      ),
    [api],
  );
  useEffect(() => void load(), [load]);

  const save = ({ high, medium, share, double_share, active, ...rest }: Fields): void => {
    const by_risk: Partial<Record<Risk, number>> = { high, medium };
    const body = { ...rest, share: share / 100, double_share: double_share / 100, by_risk };
    setSaving(true);
    (edited === 'new' || edited === null ? api.addPlan(body) : api.changePlan(edited.id, { ...body, active }))
      .then(() => {
        setEdited(null);
        return load();
      })
      .catch((refused: unknown) => void message.error(wordsOf(refused)))
      .finally(() => setSaving(false));
  };
  const draw = (plan: Plan): void => {
    void modal.confirm({
      title: say('drawNow'),
      content: say('drawNowAsk'),
      okText: sayDesk('confirm'),
      cancelText: sayDesk('cancel'),
      onOk: () =>
        api
          .draw(plan.id, overview.week)
          .then(({ draws }) => {
            const last = draws.find(({ week }) => week === overview.week);
            void message.success(say('drawn', last?.chats ?? 0, last?.tasks ?? 0));
            return load();
          })
          .catch((refused: unknown) => void message.error(wordsOf(refused))),
    });
  };

  if (error) return <Trouble error={error} onRetry={() => void load()} />;
  if (!plans) return <Waiting />;
  return (
    <div className="Inspection-whole">
      <div>
        <Button type="primary" onClick={() => setEdited('new')}>
          {say('newPlan')}
        </Button>
      </div>
      {plans.length === 0 ? (
        <Nothing icon="shield" title={say('noPlans')}>
          {say('noPlansMore')}
        </Nothing>
      ) : (
        <Table
          size="small"
          rowKey="id"
          dataSource={plans}
          pagination={false}
          columns={[
            {
              title: say('planTitle'),
              render: (_, plan) => (
                <>
                  {plan.title} {!plan.active && <Tag>{sayDesk('inactive')}</Tag>}
                </>
              ),
            },
            {
              title: say('groups'),
              render: (_, plan) =>
                plan.groups.length
                  ? plan.groups.map((id) => <Tag key={id}>{groups.find((each) => each.id === id)?.title ?? id}</Tag>)
                  : say('everyGroup'),
            },
            {
              title: say('share'),
              width: 160,
              render: (_, plan) => `${percent(plan.share)} · ${say('atLeast')} ${plan.at_least}`,
            },
            { title: say('doubleShare'), width: 110, render: (_, plan) => percent(plan.double_share) },
            { title: say('inspectors'), render: (_, plan) => plan.inspectors.map(({ name }) => name).join('、') },
            {
              title: '',
              render: (_, { draws }) =>
                draws[0] ? `${draws[0].week} · ${say('drawn', draws[0].chats, draws[0].tasks)}` : say('notDrawn'),
            },
            {
              title: '',
              width: 190,
              render: (_, plan) => (
                <>
                  <Button type="link" size="small" onClick={() => setEdited(plan)}>
                    {sayDesk('edit')}
                  </Button>
                  {plan.active && plan.draws[0]?.week !== overview.week && (
                    <Button type="link" size="small" onClick={() => draw(plan)}>
                      {say('drawNow')}
                    </Button>
                  )}
                </>
              ),
            },
          ]}
        />
      )}
      <section>
        <h3>{say('agreement')}</h3>
        <p className="Faint">{say('agreementHint')}</p>
        <Table
          size="small"
          rowKey="criterion"
          dataSource={agreement}
          pagination={false}
          locale={{ emptyText: say('noAgreement') }}
          columns={[
            { title: say('form'), dataIndex: 'title' },
            { title: say('count'), width: 100, dataIndex: 'count' },
            { title: 'κ', width: 100, render: (_, { kappa }) => kappa?.toFixed(2) ?? '–' },
            { title: say('same'), width: 120, render: (_, { same }) => (same === null ? '–' : percent(same)) },
          ]}
        />
      </section>
      <Modal
        open={edited !== null}
        title={say(edited === 'new' ? 'newPlan' : 'editPlan')}
        okText={sayDesk('save')}
        cancelText={sayDesk('cancel')}
        confirmLoading={saving}
        destroyOnHidden
        onOk={() => form.submit()}
        onCancel={() => setEdited(null)}
      >
        <Form<Fields>
          form={form}
          layout="vertical"
          preserve={false}
          initialValues={fieldsOf(edited === 'new' ? null : edited, overview)}
          onFinish={save}
        >
          <Form.Item name="title" label={say('planTitle')} rules={[{ required: true, max: 64, whitespace: true }]}>
            <Input />
          </Form.Item>
          <Form.Item name="form" label={say('form')} rules={[{ required: true }]}>
            <Select options={overview.forms.map(({ id, title }) => ({ value: id, label: title }))} />
          </Form.Item>
          <Form.Item name="inspectors" label={say('inspectors')} rules={[{ required: true }]}>
            <Select
              mode="multiple"
              optionFilterProp="label"
              options={overview.inspectors.map(({ id, name }) => ({ value: id, label: name }))}
            />
          </Form.Item>
          <Form.Item name="groups" label={say('groups')}>
            <Select
              mode="multiple"
              placeholder={say('everyGroup')}
              options={groups.map(({ id, title }) => ({ value: id, label: title }))}
            />
          </Form.Item>
          <div className="Inspection-row">
            <Form.Item name="share" label={say('share')}>
              <InputNumber min={0} max={100} suffix="%" />
            </Form.Item>
            <Form.Item name="at_least" label={say('atLeast')}>
              <InputNumber min={0} max={100} precision={0} />
            </Form.Item>
            <Form.Item name="double_share" label={say('doubleShare')}>
              <InputNumber min={0} max={100} suffix="%" />
            </Form.Item>
          </div>
          <div className="Inspection-row">
            {(['high', 'medium'] as const).map((risk) => (
              <Form.Item key={risk} name={risk} label={say('weightOf', say(RISK[risk]))}>
                <InputNumber min={0} max={100} step={0.5} />
              </Form.Item>
            ))}
            <Form.Item name="seed" label={say('seed')} tooltip={say('seedHint')}>
              <InputNumber min={0} max={2147483647} precision={0} />
            </Form.Item>
          </div>
          {edited !== 'new' && (
            <Form.Item name="active" label={say('active')} valuePropName="checked">
              <Switch />
            </Form.Item>
          )}
        </Form>
      </Modal>
    </div>
  );
}
