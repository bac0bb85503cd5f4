// Web storage that never throws: it may be full, or forbidden by the browser's settings.

const guarded = (storage: () => Storage) => ({
  get(key: string): string | null {
    try {
      return storage().getItem(key);
    } catch {
      return null;
    }
  },
  set(key: string, value: string | null): void {
    try {
      if (value === null) storage().removeItem(key);
      else storage().setItem(key, value);
    } catch {
      // Kept for this page only.
    }
  },
});

export const local = guarded(() => localStorage);
export const session = guarded(() => sessionStorage);
