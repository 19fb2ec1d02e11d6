/** The button and the frame. They live in a shadow tree, so that no style of the shop's reaches them, nor theirs it. */

export const STYLES = `
:host{all:initial;--side:20px;--bottom:20px;--brand:#d1431f;--on:#fff;position:fixed;z-index:var(--z);
font:15px/1.4 -apple-system,BlinkMacSystemFont,'PingFang SC','Microsoft YaHei','Noto Sans CJK SC','Noto Sans SC',sans-serif}
:host([hidden]){display:none}
@media print{:host{display:none}}
button{all:unset;box-sizing:border-box;position:fixed;bottom:calc(var(--bottom) + env(safe-area-inset-bottom,0px));
right:calc(var(--side) + env(safe-area-inset-right,0px));display:flex;align-items:center;gap:8px;height:52px;
padding:0 20px 0 16px;border-radius:26px;background:var(--brand);color:var(--on);font-weight:600;cursor:pointer;
box-shadow:0 6px 22px rgb(0 0 0/22%);-webkit-tap-highlight-color:transparent;transition:transform .15s}
button:hover{transform:translateY(-1px)}
button:focus-visible{outline:3px solid var(--brand);outline-offset:3px}
.left button{right:auto;left:calc(var(--side) + env(safe-area-inset-left,0px))}
svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
b{position:absolute;top:-6px;right:-4px;min-width:20px;padding:0 5px;box-sizing:border-box;border-radius:10px;
background:#c8102e;color:#fff;font:700 12px/20px sans-serif;text-align:center;box-shadow:0 0 0 2px #fff}
b:empty{display:none}
.frame{position:fixed;right:var(--side);bottom:calc(var(--bottom) + 64px);width:400px;max-width:calc(100vw - 2*var(--side));
height:min(700px,100vh - var(--bottom) - 84px);border-radius:18px;overflow:hidden;background:#fff;
box-shadow:0 12px 48px rgb(0 0 0/24%);animation:rise .18s ease-out}
.dark .frame{background:#17191f}
.left .frame{right:auto;left:var(--side)}
.bare .frame{bottom:var(--bottom);height:min(764px,100vh - var(--bottom) - 20px)}
.covering .frame{inset:0;width:100%;max-width:none;height:100%;border-radius:0;box-shadow:none}
.covering.open button{display:none}
.frame[hidden]{display:none}
iframe{display:block;width:100%;height:100%;border:0;color-scheme:normal}
.spoken{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
@keyframes rise{from{opacity:0;transform:translateY(12px)}}
@media(prefers-reduced-motion:reduce){*{animation:none!important;transition:none!important}}
`;
