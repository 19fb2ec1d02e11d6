/** The ones that are used with customers. */
export const EMOJI: readonly string[] = [
  '😊 😄 😀 🙂 😉 😍 🥰 😘 🤗 🤭 😅 😂 🥹 😎 🤔 🙄 😔 😢 😭 😣 😤 😡 😱 😴',
  '👍 👌 🙏 👏 💪 🤝 ✌ 🫶 👋 💗 ❤ 🔥 ✨ 🎉 🎁 🌹 🌞 🌙 ⭐ 💯 ✅ ❌ ❗ ❓',
  '📦 🚚 🏠 📱 💰 🧾 🛒 👕 👖 👟 👜 🍼 🧸 💄 🍓 🐱 🐶',
].flatMap((line) => line.split(' '));
