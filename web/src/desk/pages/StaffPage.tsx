import { App, Button, Form, Input, InputNumber, Modal, Select, Switch, Table, Tag, Typography } from 'antd';
import { useCallback, useEffect, useState } from 'react';
import { useDesk, usePermission, useSnapshot } from '../desk';
import { Face } from '../Face';
import { Nothing, Trouble } from '../states';
import type { Role, StaffMember } from '../wire';
import { useWords, type Word, wordsOf } from '../words';

const ROLES: Readonly<Record<Role, Word>> = {
  agent: 'roleAgent',
  supervisor: 'roleSupervisor',
  trainer: 'roleTrainer',
  admin: 'roleAdmin',
};

interface Fields {
  login: string;
  name: string;
  role: Role;
  groups?: string[];
  skills?: string[];
  languages?: string[];
  capacity?: number;
  active?: boolean;
}

export default function StaffPage() {
  const desk = useDesk();
  const say = useWords();
  const { message, modal } = App.useApp();
  const reads = usePermission('staff.read');
  const writes = usePermission('staff.write');
  const groups = useSnapshot((snapshot) => snapshot.me.groups);
  const [staff, setStaff] = useState<readonly StaffMember[] | null>(null);
  const [error, setError] = useState<unknown>(null);
  const [edited, setEdited] = useState<StaffMember | 'new' | null>(null);

  const load = useCallback(
    () =>
      desk.api.staff().then(
        (read) => {
          setStaff(read);
          setError(null);
        },
        (refused: unknown) => setError(refused),
      ),
    [desk],
  );
  useEffect(() => void load(), [load]);

  const tell = (password: string) =>
    modal.success({
      title: say('oneTimeIs'),
      content: (
        <Typography.Text copyable code className="OneTime">
          {password}
        </Typography.Text>
      ),
      okText: say('close'),
    });
  const titleOf = (id: string) => groups.find((group) => group.id === id)?.title ?? id;

  if (!reads) return <Nothing icon="shield" title={say('notAllowed')} />;
  return (
    <main className="Page">
      <header className="Page-head">
        <h1>{say('staff')}</h1>
        {writes && (
          <Button type="primary" onClick={() => setEdited('new')}>
            {say('addStaff')}
          </Button>
        )}
      </header>
      {error ? (
        <Trouble error={error} onRetry={() => void load()} />
      ) : (
        <Table
          size="small"
          rowKey={({ account }) => String(account.id)}
          loading={staff === null}
          dataSource={[...(staff ?? [])]}
          pagination={{ pageSize: 50, hideOnSinglePage: true }}
          columns={[
            {
              title: say('name'),
              render: (_, { account, agent }) => (
                <span className="StaffName">
                  <Face name={agent?.name ?? account.name ?? account.login} id={agent?.id ?? account.login} size={28} />
                  <span>
                    <b>{agent?.name ?? account.name ?? account.login}</b>
                    <small>{account.login}</small>
                  </span>
                  {account.active === false && <Tag color="error">{say('inactive')}</Tag>}
                </span>
              ),
            },
            { title: say('role'), width: 100, render: (_, { account }) => say(ROLES[account.role]) },
            {
              title: say('state'),
              width: 130,
              render: (_, { agent }) =>
                agent && (
                  <span className="StaffState">
                    <i className="Dot" data-presence={agent.presence} />
                    {say(agent.presence)}
                  </span>
                ),
            },
            {
              title: say('capacity'),
              width: 110,
              render: (_, { agent }) => agent && `${agent.load} / ${agent.capacity}`,
            },
            {
              title: say('groups'),
              render: (_, { agent }) => agent?.groups.map((id) => <Tag key={id}>{titleOf(id)}</Tag>),
            },
            {
              title: say('skills'),
              render: (_, { agent }) => agent?.skills.map((skill) => <Tag key={skill}>{skill}</Tag>),
            },
            {
              title: '',
              width: 170,
              render: (_, member) => (
                <>
                  {(writes || member.agent) && (
                    <Button type="link" size="small" onClick={() => setEdited(member)}>
                      {say('edit')}
                    </Button>
                  )}
                  {writes && (
                    <Button
                      type="link"
                      size="small"
                      onClick={() =>
                        void modal.confirm({
                          title: say('newOneTimeAsk', member.agent?.name ?? member.account.login),
                          okText: say('confirm'),
                          cancelText: say('cancel'),
                          onOk: () =>
                            desk.api
                              .oneTimePassword(member.account.id)
                              .then((password) => void tell(password))
                              .catch((refused: unknown) => void message.error(wordsOf(refused))),
                        })
                      }
                    >
                      {say('newOneTime')}
                    </Button>
                  )}
                </>
              ),
            },
          ]}
        />
      )}
      {edited && (
        <StaffDialog
          member={edited === 'new' ? null : edited}
          writes={writes}
          onClose={() => setEdited(null)}
          onSaved={(password) => {
            setEdited(null);
            if (password) void tell(password);
            else void message.success(say('saved'));
            void load();
          }}
        />
      )}
    </main>
  );
}

function StaffDialog({
  member,
  writes,
  onClose,
  onSaved,
}: {
  member: StaffMember | null;
  writes: boolean;
  onClose: () => void;
  onSaved: (password: string | null) => void;
}) {
  const desk = useDesk();
  const say = useWords();
  const { message } = App.useApp();
  const groups = useSnapshot((snapshot) => snapshot.me.groups);
  const [form] = Form.useForm<Fields>();
  const [busy, setBusy] = useState(false);
  const save = async (fields: Fields) => {
    setBusy(true);
    try {
      if (!member) onSaved((await desk.api.addStaff({ ...fields })).one_time_password);
      else {
        // A supervisor changes groups, skills and capacity; accounts are the administrator's.
        const { groups: into, skills, languages, capacity, name, role, active } = fields;
        const change = { groups: into, skills, languages, capacity };
        await desk.api.changeStaff(member.account.id, writes ? { ...change, name, role, active } : change);
        onSaved(null);
      }
    } catch (error) {
      void message.error(wordsOf(error));
      setBusy(false);
    }
  };
  return (
    <Modal
      open
      title={member ? say('edit') : say('addStaff')}
      okText={say('save')}
      cancelText={say('cancel')}
      okButtonProps={{ loading: busy }}
      onOk={() => form.submit()}
      onCancel={onClose}
    >
      <Form
        form={form}
        layout="vertical"
        initialValues={{
          login: member?.account.login ?? '',
          name: member?.agent?.name ?? member?.account.name ?? '',
          role: member?.account.role ?? 'agent',
          groups: member?.agent?.groups ?? [],
          skills: member?.agent?.skills ?? [],
          languages: member?.agent?.languages ?? ['zh'],
          capacity: member?.agent?.capacity ?? 5,
          active: member?.account.active ?? true,
        }}
        onFinish={(fields) => void save(fields)}
      >
        <div className="Pair">
          <Form.Item name="login" label={say('login')} rules={[{ required: true, message: say('required') }]}>
            <Input disabled={member !== null} autoCapitalize="none" spellCheck={false} />
          </Form.Item>
          <Form.Item name="name" label={say('name')} rules={[{ required: true, message: say('required') }]}>
            <Input disabled={!writes} />
          </Form.Item>
        </div>
        <div className="Pair">
          <Form.Item name="role" label={say('role')}>
            <Select
              disabled={!writes}
              options={(Object.keys(ROLES) as Role[]).map((role) => ({ value: role, label: say(ROLES[role]) }))}
            />
          </Form.Item>
          <Form.Item name="capacity" label={say('capacity')}>
            <InputNumber min={1} max={50} />
          </Form.Item>
        </div>
        <Form.Item name="groups" label={say('groups')}>
          <Select mode="multiple" options={groups.map(({ id, title }) => ({ value: id, label: title }))} />
        </Form.Item>
        <div className="Pair">
          <Form.Item name="skills" label={say('skills')}>
            <Select mode="tags" open={false} suffixIcon={null} />
          </Form.Item>
          <Form.Item name="languages" label={say('languages')}>
            <Select
              mode="multiple"
              options={[
                { value: 'zh', label: '中文' },
                { value: 'en', label: 'English' },
              ]}
            />
          </Form.Item>
        </div>
        {member && writes && (
          <Form.Item name="active" label={say('active')} valuePropName="checked">
            <Switch />
          </Form.Item>
        )}
      </Form>
    </Modal>
  );
}
