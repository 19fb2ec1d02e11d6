import { Alert, Button, Form, Input } from 'antd';
import { useState } from 'react';
import type { Api } from '../api';
import { useWords, wordsOf } from '../words';

interface Fields {
  old: string;
  fresh: string;
}

export function PasswordForm({ api, onChanged, busy = false }: { api: Api; onChanged: () => void; busy?: boolean }) {
  const say = useWords();
  const [problem, setProblem] = useState<string | null>(null);
  const [sending, setSending] = useState(false);

  const submit = async ({ old, fresh }: Fields) => {
    setSending(true);
    setProblem(null);
    try {
      await api.changePassword(old, fresh);
      onChanged();
    } catch (error) {
      setProblem(wordsOf(error));
    }
    setSending(false);
  };

  return (
    <Form layout="vertical" requiredMark={false} onFinish={(values) => void submit(values as Fields)}>
      {problem && <Alert className="Frame-problem" type="error" showIcon message={problem} />}
      <Form.Item name="old" label={say('oldPassword')} rules={[{ required: true, message: say('passwordMissing') }]}>
        <Input.Password autoComplete="current-password" />
      </Form.Item>
      <Form.Item
        name="fresh"
        label={say('newPassword')}
        extra={say('passwordRule')}
        rules={[{ required: true, min: 10, message: say('passwordRule') }]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Form.Item
        name="again"
        label={say('newPasswordAgain')}
        dependencies={['fresh']}
        rules={[
          ({ getFieldValue }) => ({
            validator: (_, value) =>
              value === getFieldValue('fresh') ? Promise.resolve() : Promise.reject(new Error(say('passwordsDiffer'))),
          }),
        ]}
      >
        <Input.Password autoComplete="new-password" />
      </Form.Item>
      <Button type="primary" htmlType="submit" block loading={sending || busy}>
        {say('save')}
      </Button>
    </Form>
  );
}
