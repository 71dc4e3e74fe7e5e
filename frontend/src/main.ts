import './boot';

import './styles/base.css';
import { mount } from 'svelte';

import { markWindow } from '$lib/desktop';

import Root from './App.svelte';

markWindow(document.documentElement);
mount(Root, { target: document.getElementById('app')! });
