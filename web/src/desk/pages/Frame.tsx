import type { ReactNode } from 'react';

/** A page with one thing to do. */
export function Frame({ title, lead, children }: { title: string; lead: string; children: ReactNode }) {
  return (
    <main className="Frame">
      <section className="Frame-card">
        <header>
          <img src="/icon.svg" alt="" />
          <div>
            <h1>{title}</h1>
            <p>{lead}</p>
          </div>
        </header>
        {children}
      </section>
    </main>
  );
}
